using LoadBalancing.Client.Policies.Consistent;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Consistent;

/// <summary>Several backends at one address: hash policies know a backend by its address, and must tell them apart all the same.</summary>
public sealed class SharedAddressTests
{
    private const int Keys = 20_000;

    [Fact]
    public void Of_SharedAddress_AddsTheIdToAllButTheFirst() =>
        KeysOf(("c", "http://10.0.0.1:8080"), ("a", "http://10.0.0.1:8080"), ("d", "http://10.0.0.2:8080"), ("b", "https://10.0.0.1:8080/"))
            .ShouldBe(["10.0.0.1:8080#c", "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.1:8080#b"]);

    [Fact]
    public void Of_DifferentAddresses_IsHostPortAndPath() =>
        KeysOf(("a", "http://[2001:db8::1]"), ("b", "http://10.0.0.1:8080/blue"), ("c", "http://10.0.0.1:8080/green/"), ("d", "http://10.0.0.1:8080"))
            .ShouldBe(["[2001:db8::1]:80", "10.0.0.1:8080/blue", "10.0.0.1:8080/green", "10.0.0.1:8080"]);

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void Pick_TwoIdsAtOneAddress_EachHaveTheirShareOfTheKeys(string policy)
    {
        BackendState[] all = HashPools.States(Five());

        IEnumerable<IGrouping<BackendState, BackendState>> owned = HashPools.OwnersOf(HashPools.CreateFactory(policy).CreatePicker(HashPools.SetOf(all)), Keys).GroupBy(owner => owner);

        // With 205 points each, shares of the ring have a standard deviation of 7 % of the mean; the others are far closer.
        owned.Count().ShouldBe(5);
        owned.ShouldAllBe(keys => keys.Count() > 0.7 * Keys / 5 && keys.Count() < 1.3 * Keys / 5);
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void Pick_ListInAnyOrder_IsTheSameBackend(string policy)
    {
        Backend[] backends = Five();
        string[] expected = OwnerIds(policy, backends);
        for (int i = 1; i < backends.Length; i++)
        {
            OwnerIds(policy, [.. backends[i..], .. backends[..i]]).ShouldBe(expected);
            OwnerIds(policy, [.. backends[..i].Reverse(), .. backends[i..]]).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("ring_hash", 0)]
    [InlineData("maglev", 0.02)]
    [InlineData("rendezvous", 0)]
    public void Pick_SecondIdAtAnAddress_LeavesTheOthersTheirKeys(string policy, double most)
    {
        Backend[] hundred = Pools.DescribeMany(100);

        string[] before = OwnerIds(policy, hundred);
        string[] after = OwnerIds(policy, [.. hundred, hundred[17] with { Id = "second" }]);

        int moved = before.Zip(after).Count(pair => pair.Second != "second" && pair.First != pair.Second);
        ((double)moved / Keys).ShouldBeLessThanOrEqualTo(most);
        after.ShouldContain("second");
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void Pick_FirstOfAnAddressIneligible_MovesItsKeysOnly(string policy)
    {
        BackendState[] all = HashPools.States(Five());
        PickerFactory factory = HashPools.CreateFactory(policy);
        BackendState[] before = HashPools.OwnersOf(factory.CreatePicker(HashPools.SetOf(all)), Keys);

        BackendState first = all.Single(backend => backend.Id == "b1");
        BackendState[] meanwhile = HashPools.OwnersOf(factory.CreatePicker(HashPools.SetOf(all, first)), Keys);

        before.Zip(meanwhile).Count(pair => pair.First != first && pair.First != pair.Second).ShouldBe(0);
        meanwhile.ShouldNotContain(first);
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void CreatePicker_SharedAddress_IsSaidOnce(string policy)
    {
        using RecordingLog log = new();
        PickerFactory factory = HashPools.Create(policy).CreateFactory(new PolicyContext(Random.Shared, TimeProvider.System, "orders", log));

        factory.CreatePicker(HashPools.SetOf(HashPools.States(Pools.DescribeMany(5))));
        log.Entries.ShouldBeEmpty();
        factory.CreatePicker(HashPools.SetOf(HashPools.States(Five())));
        factory.CreatePicker(HashPools.SetOf(HashPools.States(Five())));

        log.Of("HashKeyShared").ShouldHaveSingleItem().ShouldStartWith($"Service orders: several backends have the same address, for example 10.0.0.1:8080; {policy} tells them apart");
    }

    /// <summary>b0 to b3, and b1x at the address of b1.</summary>
    private static Backend[] Five() => [.. Pools.DescribeMany(4), Pools.Describe(1) with { Id = "b1x" }];

    private static string[] OwnerIds(string policy, Backend[] backends) =>
        Array.ConvertAll(HashPools.OwnersOf(HashPools.CreateFactory(policy).CreatePicker(HashPools.SetOf(HashPools.States(backends))), Keys), owner => owner.Id);

    private static string[] KeysOf(params (string Id, string Address)[] backends) =>
        new BackendKeys(new PolicyContext(Random.Shared, TimeProvider.System), "maglev").Of(HashPools.States(backends.Select(backend => new Backend(backend.Address) { Id = backend.Id })));
}
