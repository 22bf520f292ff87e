using System.Globalization;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Backends, their states and snapshots, named b0, b1, … in listed order.</summary>
internal static class Pools
{
    public static Backend Describe(int index, double weight = 1) =>
        new(string.Create(CultureInfo.InvariantCulture, $"http://10.0.{index / 256}.{index % 256}:8080"))
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"b{index}"),
            Weight = weight,
        };

    public static Backend[] Describe(params double[] weights) => [.. weights.Select((weight, index) => Describe(index, weight))];

    public static Backend[] DescribeMany(int count) => [.. Enumerable.Range(0, count).Select(index => Describe(index))];

    /// <summary>A snapshot in which all are eligible, whatever they weigh.</summary>
    public static BackendSet Set(params double[] weights)
    {
        BackendState[] states = [.. Describe(weights).Select(description => new BackendState(description))];
        return new BackendSet(states, states, weights);
    }

    public static PickerFactory CreateFactory(this LoadBalancingPolicy policy, Random random) =>
        policy.CreateFactory(new PolicyContext(GuardedRandom.Guard(random), TimeProvider.System));

    public static Picker CreatePicker(this LoadBalancingPolicy policy, BackendSet backends, Random random) =>
        policy.CreateFactory(random).CreatePicker(backends);

    public static BackendExclusions Exclude(params IEnumerable<BackendState> backends) =>
        backends.Aggregate(default(BackendExclusions), (excluded, backend) => excluded.With(backend));

    public static PickRequest Without(params IEnumerable<BackendState> backends) => new() { Excluded = Exclude(backends) };

    /// <summary>Counts that many attempts in, as if they ran.</summary>
    public static void Occupy(this BackendState backend, int attempts)
    {
        for (int i = 0; i < attempts; i++)
        {
            backend.TryAcquire(out _).ShouldBeTrue();
        }
    }
}
