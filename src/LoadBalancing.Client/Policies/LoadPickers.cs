using System.Globalization;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>Selection by load, for any metric: compares a few drawn backends, or all of them.</summary>
internal static class LoadPickers
{
    public static Picker Create<TLoad>(BackendSet set, TLoad load, Random random, int choices)
        where TLoad : struct, ILoadMetric =>
        set.Eligible.Length > 2 && (choices >= set.Eligible.Length || choices > WeightedSampler.MostDrawn)
            ? new FullScanPicker<TLoad>(set, load, random)
            : new PowerOfChoicesPicker<TLoad>(set, load, random, choices);

    public static string? Describe<TLoad>(BackendState[] backends, TLoad load, BackendState backend)
        where TLoad : struct, ILoadMetric
    {
        int index = Array.IndexOf(backends, backend);
        return index < 0 ? null : load.Describe(index) ?? string.Create(CultureInfo.InvariantCulture, $"load {load.GetLoad(index):0.###}");
    }
}
