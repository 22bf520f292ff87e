using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Policies.Sampling;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What holds for every policy, whatever the weights, the exclusions and the hash.</summary>
public sealed class PolicyPropertyTests
{
    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Pick_AnyWeightsAndExclusions_AvoidsTheExcludedWhileAnotherIsLeft(string policy) =>
        Prop.ForAll(WeightCases.Any, Gen.Choose(0, int.MaxValue).ToArbitrary(), (weights, seed) =>
        {
            BackendSet set = Pools.Set(weights);
            Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(seed));
            Random random = new(seed);
            for (int i = 0; i < 20; i++)
            {
                double share = random.NextDouble();
                BackendState[] excluded = [.. set.Where(_ => random.NextDouble() < share)];

                BackendState? picked = picker.Pick(new PickRequest { Hash = (ulong)random.NextInt64(), Excluded = Pools.Exclude(excluded) });

                set.Contains(picked).ShouldBeTrue();
                (excluded.Contains(picked) && excluded.Length < set.Count).ShouldBeFalse();
            }
        }).QuickCheckThrowOnFailure();
}
