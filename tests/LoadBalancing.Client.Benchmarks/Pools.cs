using System.Globalization;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Pools to measure with: always the same, and busy, so that no branch predictor learns that everybody is idle.</summary>
internal static class Pools
{
    private const int Seed = 1;
    private const int MostInFlight = 5;

    public static Backend[] Describe(int count, bool hasEqualWeights = true) =>
        Describe(count, index => hasEqualWeights ? 1 : 1 + (index % 4));

    public static Backend[] Describe(int count, Func<int, double> weightOf) =>
        [.. Enumerable.Range(0, count).Select(i => new Backend(string.Create(CultureInfo.InvariantCulture, $"http://10.{i >> 16}.{(i >> 8) & 255}.{i & 255}:8080"))
        {
            Weight = weightOf(i),
        })];

    /// <summary>A snapshot in which each backend has from 0 to 5 attempts in flight.</summary>
    public static BackendSet CreateBusySet(int count, bool hasEqualWeights = true) =>
        CreateBusySet(count, index => hasEqualWeights ? 1 : 1 + (index % 4));

    public static BackendSet CreateBusySet(int count, Func<int, double> weightOf)
    {
        BackendSet set = CreateIdleSet(count, weightOf);
        MakeBusy(set);
        return set;
    }

    /// <summary>A snapshot in which nothing is in flight, and all weigh the same.</summary>
    public static BackendSet CreateIdleSet(int count) => CreateIdleSet(count, _ => 1);

    private static BackendSet CreateIdleSet(int count, Func<int, double> weightOf)
    {
        Backend[] descriptions = Describe(count, weightOf);
        BackendState[] backends = [.. descriptions.Select(description => new BackendState(description))];
        return new BackendSet(backends, backends, [.. descriptions.Select(description => description.Weight)]);
    }

    public static void MakeBusy(IEnumerable<BackendState> backends)
    {
        Random random = new(Seed);
        foreach (BackendState backend in backends)
        {
            for (int i = random.Next(MostInFlight + 1); i > 0; i--)
            {
                backend.TryAcquire(out _);
            }
        }
    }
}
