using System.Globalization;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Checks of distributions. Seeds are fixed, so a check that has passed once always passes.</summary>
internal static class Shares
{
    /// <summary>Each count is within four standard deviations of what independent draws with these probabilities give.</summary>
    public static void ShouldFollow(this IReadOnlyList<int> counts, params IReadOnlyList<double> weights)
    {
        counts.Count.ShouldBe(weights.Count);
        double draws = counts.Sum(count => (double)count);
        double largest = weights.Max();
        double total = weights.Sum(weight => weight / largest);
        for (int i = 0; i < counts.Count; i++)
        {
            double share = weights[i] / largest / total;
            double sigma = Math.Sqrt(draws * share * (1 - share));
            Math.Abs(counts[i] - (draws * share)).ShouldBeLessThanOrEqualTo(
                (4 * sigma) + 1e-6,
                string.Create(CultureInfo.InvariantCulture, $"Of {draws} draws {counts[i]} were of index {i}, expected {draws * share:0.#} ± {4 * sigma:0.#}."));
        }
    }

    public static int[] CountDraws(int draws, int kinds, Func<int> draw)
    {
        int[] counts = new int[kinds];
        for (int i = 0; i < draws; i++)
        {
            counts[draw()]++;
        }

        return counts;
    }

    /// <summary>How often each backend of the set is picked.</summary>
    public static int[] CountPicks(this Picker picker, BackendSet backends, int picks, PickRequest request = default)
    {
        Dictionary<BackendState, int> indexes = backends.Index().ToDictionary(item => item.Item, item => item.Index);
        return CountDraws(picks, backends.Count, () => indexes[picker.Pick(request).ShouldNotBeNull()]);
    }
}
