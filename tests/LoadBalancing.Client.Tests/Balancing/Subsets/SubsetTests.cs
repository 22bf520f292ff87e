using LoadBalancing.Client.Balancing.Subsets;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Subsets;

/// <summary>Which backends a client uses, over many clients.</summary>
public sealed class SubsetTests
{
    private const int Seed = 17;

    /// <summary>As gRFC A68 has it: those whose hash with the client's seed is the least.</summary>
    [Fact]
    public void Split_TakesTheLeastHashes()
    {
        Backend[] all = Pools.DescribeMany(100);

        string[] members = Take(all, 20, seed: 4711);

        members.ShouldBe(all.OrderBy(backend => XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(backend.Id), 4711)).Take(20).Select(backend => backend.Id), ignoreOrder: true);
        members.ShouldBe(all.Select(backend => backend.Id).Where(members.Contains), "in listed order");
    }

    [Fact]
    public void Split_AnyOrderOfTheList_TakesTheSame()
    {
        Backend[] all = [.. Pools.DescribeMany(200).Select((backend, index) => backend with { Priority = index % 2, Weight = index % 5 })];
        string[] members = Take(all, 20, Seed);
        Random random = new(Seed);
        for (int i = 0; i < 50; i++)
        {
            Backend[] shuffled = [.. all];
            random.Shuffle(shuffled);
            Take(shuffled, 20, Seed).ShouldBe(members, ignoreOrder: true);
        }
    }

    [Theory]
    [InlineData(19)]
    [InlineData(20)]
    public void Split_NotMoreThanItsSize_TakesAll(int count)
    {
        Backend[] all = Pools.DescribeMany(count);

        new Subset(20, Seed, zoneOf: null).Split(all, out IReadOnlyList<Backend> members, out IReadOnlyList<Backend> outside);

        members.ShouldBe(all);
        outside.ShouldBeEmpty();
    }

    [Fact]
    public void Split_LargerSize_KeepsThoseOfTheSmallerOne()
    {
        Backend[] all = Pools.DescribeMany(100);

        Take(all, 10, Seed).Except(Take(all, 11, Seed)).ShouldBeEmpty();
    }

    /// <summary>Connections of each of 100 backends over 3,000 clients: 600 expected of each, within 4 σ of independent draws.</summary>
    [Theory]
    [InlineData(100, 20)]
    [InlineData(100, 3)]
    [InlineData(30, 25)]
    public void Split_ManyClients_UseAllBackendsEvenly(int count, int size)
    {
        const int clients = 3_000;
        Backend[] all = Pools.DescribeMany(count);
        Dictionary<string, int> connections = all.ToDictionary(backend => backend.Id, _ => 0, StringComparer.Ordinal);

        foreach (ulong seed in SeedsOfClients(clients))
        {
            string[] members = Take(all, size, seed);
            members.Length.ShouldBe(size);
            Array.ForEach(members, id => connections[id]++);
        }

        double share = (double)size / count;
        double sigma = Math.Sqrt(clients * share * (1 - share));
        connections.Values.ShouldAllBe(value => Math.Abs(value - (clients * share)) <= 4 * sigma);
    }

    /// <summary>Two backends are together in as many subsets as chance would have them, so no two of them depend on the same clients.</summary>
    [Fact]
    public void Split_ManyClients_PairsAreIndependent()
    {
        const int clients = 20_000;
        Backend[] all = Pools.DescribeMany(12);
        int[] pairs = new int[144];
        foreach (ulong seed in SeedsOfClients(clients))
        {
            int[] members = [.. Take(all, 4, seed).Select(id => int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture))];
            foreach ((int one, int other) in members.SelectMany(_ => members, (one, other) => (one, other)).Where(pair => pair.one < pair.other))
            {
                pairs[(one * 12) + other]++;
            }
        }

        const double share = 4.0 / 12 * 3 / 11;
        double sigma = Math.Sqrt(clients * share * (1 - share));
        foreach (int count in pairs.Where(count => count > 0))
        {
            ((double)count).ShouldBe(clients * share, 4.5 * sigma, "66 pairs: 4.5 σ for all of them is 4 σ for one");
        }

        pairs.Count(count => count > 0).ShouldBe(66);
    }

    /// <summary>Whoever has it gets one other instead; nobody else changes anything.</summary>
    [Fact]
    public void Split_OneBackendGone_ChangesOnlyItsOwnPlace()
    {
        const int clients = 2_000;
        Backend[] all = Pools.DescribeMany(100);
        Backend[] fewer = [.. all.Where(backend => backend.Id != "b42")];
        int changed = 0;
        foreach (ulong seed in SeedsOfClients(clients))
        {
            string[] before = Take(all, 20, seed);
            string[] after = Take(fewer, 20, seed);

            string[] lost = [.. before.Except(after)];
            lost.ShouldBe(before.Contains("b42") ? ["b42"] : []);
            after.Except(before).Count().ShouldBe(lost.Length);
            changed += lost.Length;
        }

        ((double)changed).ShouldBe(clients * 0.2, 4 * Math.Sqrt(clients * 0.2 * 0.8));
    }

    /// <summary>All backends are replaced one by one, as in a rollout: each step changes at most two places, its own going and coming.</summary>
    [Fact]
    public void Split_Rollout_ChangesAFewPlacesAtEachStep()
    {
        List<Backend> all = [.. Pools.DescribeMany(100)];
        string[] before = Take(all, 20, Seed);
        int changed = 0;
        for (int i = 0; i < 100; i++)
        {
            all[i] = Pools.Describe(1000 + i);
            string[] after = Take(all, 20, Seed);
            int lost = before.Except(after).Count();
            lost.ShouldBeLessThanOrEqualTo(2);
            changed += lost;
            before = after;
        }

        changed.ShouldBeInRange(20, 60);
    }

    [Fact]
    public void Split_Tiers_TakesSoManyOfEach()
    {
        Backend[] all = [.. Pools.DescribeMany(100).Select((backend, index) => backend with { Priority = index < 60 ? 0 : index < 95 ? 1 : 2 })];

        new Subset(10, Seed, zoneOf: null).Split(all, out IReadOnlyList<Backend> members, out IReadOnlyList<Backend> outside);

        members.CountBy(backend => backend.Priority).ShouldBe([new(0, 10), new(1, 10), new(2, 5)], ignoreOrder: true);
        outside.Count.ShouldBe(75);
    }

    /// <summary>A backend that is listed with weight 0 stays, and somebody else does its work.</summary>
    [Fact]
    public void Split_WeightZero_TakesNoPlace()
    {
        Backend[] all = Pools.DescribeMany(50);
        string[] before = Take(all, 10, Seed);
        Backend[] drained = [.. all.Select(backend => before[3] == backend.Id ? backend with { Weight = 0 } : backend)];

        string[] after = Take(drained, 10, Seed);

        after.Length.ShouldBe(11);
        before.Except(after).ShouldBeEmpty();
        Take(all, 10, Seed).ShouldBe(before);
    }

    [Fact]
    public void Split_SameIdTwice_TakesOnePlaceAndLeavesTheComplaintToOthers()
    {
        Backend[] all = [.. Pools.DescribeMany(10), .. Pools.DescribeMany(10)];

        Take(all, 4, Seed).GroupBy(id => id, StringComparer.Ordinal).Select(same => same.Count()).ShouldBe([2, 2, 2, 2]);
    }

    [Fact]
    public void Split_LongIds_AreHashedWhole()
    {
        string prefix = new('ä', 500);
        Backend[] all = [.. Pools.DescribeMany(40).Select(backend => backend with { Id = prefix + backend.Id })];

        string[] members = Take(all, 5, Seed);

        members.ShouldBe(all.OrderBy(backend => XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes(backend.Id), Seed)).Take(5).Select(backend => backend.Id), ignoreOrder: true);
    }

    /// <summary>Each client has the zones in proportion, to less than one backend; over all clients each backend is used as often as any other.</summary>
    [Fact]
    public void Split_Zones_AreInProportionInEachClientAndEvenOverAll()
    {
        const int clients = 6_000;
        int[] sizes = [30, 17, 6];
        Backend[] all = [.. sizes.SelectMany((size, zone) => Enumerable.Range(0, size).Select(index => Pools.Describe((zone * 100) + index) with { Locality = new Locality("eu", $"z{zone}") }))];
        Dictionary<string, int> connections = all.ToDictionary(backend => backend.Id, _ => 0, StringComparer.Ordinal);
        foreach (ulong seed in SeedsOfClients(clients))
        {
            new Subset(20, seed, backend => backend.Locality.Zone).Split(all, out IReadOnlyList<Backend> members, out _);
            members.Count.ShouldBe(20);
            for (int zone = 0; zone < sizes.Length; zone++)
            {
                double fair = 20.0 * sizes[zone] / 53;
                members.Count(backend => backend.Locality.Zone == $"z{zone}").ShouldBeOneOf((int)Math.Floor(fair), (int)Math.Ceiling(fair));
            }

            foreach (Backend member in members)
            {
                connections[member.Id]++;
            }
        }

        const double share = 20.0 / 53;
        double sigma = Math.Sqrt(clients * share * (1 - share));
        connections.Values.ShouldAllBe(value => Math.Abs(value - (clients * share)) <= 4 * sigma);
    }

    [Fact]
    public void Split_ZonesAndOneBackendGone_ChangesFewPlaces()
    {
        const int clients = 2_000;
        Backend[] all = [.. Enumerable.Range(0, 90).Select(index => Pools.Describe(index) with { Locality = new Locality("eu", $"z{index % 3}") })];
        Backend[] fewer = all[1..];
        int changed = 0;
        foreach (ulong seed in SeedsOfClients(clients))
        {
            Subset subset = new(20, seed, backend => backend.Locality.Zone);
            subset.Split(all, out IReadOnlyList<Backend> before, out _);
            subset.Split(fewer, out IReadOnlyList<Backend> after, out _);
            int lost = before.Except(after).Count();
            lost.ShouldBeLessThanOrEqualTo(3);
            changed += lost;
        }

        ((double)changed / clients).ShouldBeLessThan(2 * 20.0 / 90);
    }

    private static IEnumerable<ulong> SeedsOfClients(int count)
    {
        Random random = new(Seed);
        return Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64());
    }

    private static string[] Take(IReadOnlyList<Backend> all, int size, ulong seed)
    {
        new Subset(size, seed, zoneOf: null).Split(all, out IReadOnlyList<Backend> members, out IReadOnlyList<Backend> outside);
        members.Concat(outside).ShouldBe(all, ignoreOrder: true);
        return [.. members.Select(backend => backend.Id)];
    }
}
