using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Consistent;

/// <summary>How evenly keys are spread, and how exactly weights are followed.</summary>
public sealed class SpreadTests
{
    private const int Keys = 1_000_000;

    [Fact]
    public void Maglev_HundredEqualBackends_SpreadsAMillionKeysEvenly() =>
        Count(new MaglevPolicy(), Enumerable.Repeat(1.0, 100)).Max().ShouldBeLessThanOrEqualTo((int)(1.05 * Keys / 100));

    [Theory]
    [InlineData(1024, 11)]
    [InlineData(10_000, 100)]
    [InlineData(100_000, 1000)]
    public void Ring_HundredEqualBackends_SpreadsAsTheoryHasIt(int size, int pointsEach)
    {
        int[] counts = Count(new RingHashPolicy { MinRingSize = size }, Enumerable.Repeat(1.0, 100));

        // The share of a backend with p of n points follows Beta(p, n - p): its standard deviation, relative to the mean, is about 1/√p. Of 100 such shares the deviation is known to about 7 %, so ± 30 % is 4 σ.
        double mean = counts.Average();
        double deviation = Math.Sqrt(counts.Average(count => (count - mean) * (count - mean))) / mean;
        deviation.ShouldBeInRange(0.7 / Math.Sqrt(pointsEach), 1.3 / Math.Sqrt(pointsEach));
        (counts.Max() / mean).ShouldBeLessThan(1 + (5 / Math.Sqrt(pointsEach)));
    }

    [Fact]
    public void Rendezvous_AnyWeights_AreFollowedWithin4Sigma()
    {
        Count(new RendezvousPolicy(), Enumerable.Repeat(1.0, 10)).ShouldFollow(Enumerable.Repeat(1.0, 10).ToArray());
        Count(new RendezvousPolicy(), [1, 2, 3, 0.5, 10]).ShouldFollow([1, 2, 3, 0.5, 10]);
        Count(new RendezvousPolicy(), [1e-300, 1e300, 1e300]).ShouldFollow([0, 1, 1]);
        Count(new RendezvousPolicy(), [double.Epsilon, 2 * double.Epsilon]).ShouldFollow([1, 2]);
    }

    [Fact]
    public void Rendezvous_Weighted_PicksTheHighestScore()
    {
        BackendSet set = Pools.Set(1, 2, 3, 0.5);
        Picker picker = new RendezvousPolicy().CreatePicker(set, new Random(1));
        for (int i = 0; i < 10_000; i++)
        {
            ulong hash = HashPools.HashOf(i);
            picker.Pick(new PickRequest { Hash = hash }).ShouldBe(set.MaxBy(backend => Score(backend, hash)));
        }

        static double Score(BackendState backend, ulong hash)
        {
            ulong key = XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes($"{backend.Description.Address.Host}:{backend.Description.Address.Port}"));
            ulong mixed = XxHash64.Hash(BitConverter.GetBytes(key), hash);
            return -backend.Description.Weight / Math.Log(((mixed >> 12) + 0.5) / Math.Pow(2, 52));
        }
    }

    [Fact]
    public void Maglev_Weights_AreFollowedToASlot()
    {
        int[] counts = Count(new MaglevPolicy(), [1, 2, 3, 4]);

        // A slot more or less of 65,537, beside the noise of a million keys.
        counts.ShouldFollow([1, 2, 3, 4]);
    }

    [Fact]
    public void Ring_WeightsOnALargeRing_AreFollowed()
    {
        int[] counts = Count(new RingHashPolicy { MinRingSize = 100_000 }, [1, 2, 3, 4]);

        // Beta(p, n - p) of each share: the lightest has 10,000 points, so 1 % is one standard deviation of its share.
        for (int i = 0; i < counts.Length; i++)
        {
            (counts[i] / (Keys * (i + 1) / 10.0)).ShouldBe(1, 0.04);
        }
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void Pick_WithoutHash_IsRandomByWeight(string policy)
    {
        BackendSet set = Pools.Set(1, 2, 3, 4);

        HashPools.CreateFactory(policy).CreatePicker(set).CountPicks(set, 100_000).ShouldFollow([1, 2, 3, 4]);
    }

    private static int[] Count(LoadBalancingPolicy policy, IEnumerable<double> weights)
    {
        BackendSet set = Pools.Set([.. weights]);
        Dictionary<BackendState, int> indexes = set.Index().ToDictionary(item => item.Item, item => item.Index);
        Picker picker = policy.CreatePicker(set, new Random(3));
        int[] counts = new int[set.Count];
        for (int key = 0; key < Keys; key++)
        {
            counts[indexes[picker.Pick(new PickRequest { Hash = HashPools.HashOf(key) })!]]++;
        }

        return counts;
    }
}
