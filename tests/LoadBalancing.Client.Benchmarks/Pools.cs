using System.Globalization;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Pools to measure with: always the same, and busy, so that no branch predictor learns that everybody is idle.</summary>
internal static class Pools
{
    private const int Seed = 1;
    private const int MostInFlight = 5;

    public static Backend[] Describe(int count, bool hasEqualWeights = true) =>
        [.. Enumerable.Range(0, count).Select(i => new Backend(string.Create(CultureInfo.InvariantCulture, $"http://10.{i >> 16}.{(i >> 8) & 255}.{i & 255}:8080"))
        {
            Weight = hasEqualWeights ? 1 : 1 + (i % 4),
        })];

    /// <summary>A snapshot in which each backend has from 0 to 5 attempts in flight.</summary>
    public static BackendSet CreateBusySet(int count, bool hasEqualWeights = true)
    {
        BackendSet set = CreateIdleSet(count, hasEqualWeights);
        MakeBusy(set);
        return set;
    }

    /// <summary>A snapshot in which nothing is in flight.</summary>
    public static BackendSet CreateIdleSet(int count, bool hasEqualWeights = true)
    {
        Backend[] descriptions = Describe(count, hasEqualWeights);
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
                backend.TryAcquire();
            }
        }
    }
}
