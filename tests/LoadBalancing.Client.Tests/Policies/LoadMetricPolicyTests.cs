using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>A metric of one's own, with nothing but what is public.</summary>
public sealed class LoadMetricPolicyTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    public void TryPick_MetricFromMetadata_TakesTheCheapest(int choices, bool isFullScan)
    {
        using Balancer balancer = Build(
            new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)) { ChoiceCount = choices, FullScan = isFullScan }, "3", "-1", "2");

        int[] picks = CountPicks(balancer, 3000);

        if (choices >= 3 || isFullScan)
        {
            picks.ShouldBe([0, 3000, 0]);
        }
        else
        {
            // Of two that are drawn the cheapest, so the most expensive never.
            picks.ShouldFollow(1e-9, 2 / 3.0, 1 / 3.0);
        }
    }

    [Fact]
    public void TryPick_BackendWithoutMetadata_HasTheMetricsDefault()
    {
        using Balancer balancer = Build(new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)) { FullScan = true }, "1", null, "much", "-1");

        CountPicks(balancer, 10).ShouldBe([0, 0, 0, 10]);
        balancer.Explain(default).Backends.Select(backend => backend.Detail).ShouldBe(["load 1", "load 0", "load 0", "load -1"]);
    }

    [Fact]
    public void TryPick_LatencyPlusSquaredLoadPlusCost_WeighsAllThree()
    {
        using Balancer balancer = Build(
            new LoadMetricPolicy<LatencyLoadCost, PeakEwma>(
                "latency_load_cost",
                context => new PeakEwma(context.TimeProvider, TimeSpan.FromMinutes(5)),
                (backends, latencies) => new LatencyLoadCost(backends, latencies)),
            "0", "0.05");

        // The first is cheaper as long as it is idle, and squares count from the third on.
        List<BackendLease> leases = [];
        for (int i = 0; i < 10; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            leases.Add(lease);
        }

        leases.Count(lease => lease.Backend.Id == "b0").ShouldBe(5);
        leases.ForEach(lease => lease.Complete(Outcome.Succeeded with { Latency = TimeSpan.FromSeconds(lease.Backend.Id == "b0" ? 1 : 0.1) }));

        CountPicks(balancer, 10).ShouldBe([0, 10]);
    }

    [Fact]
    public void TryPick_ObserverOfOnesOwn_HearsOfEveryCompletion()
    {
        using Balancer balancer = Build(
            new LoadMetricPolicy<ExpectedBytes, ResponseSize>("expected_bytes", _ => new ResponseSize(), (backends, sizes) => new ExpectedBytes(backends, sizes)), "0", "0");
        BackendLease[] first = [Pick(), Pick()];

        // Each idle one is tried; then the one with the small responses is known, and the other is not.
        first.Select(lease => lease.Backend.Id).Order().ShouldBe(["b0", "b1"]);
        BackendLease small = first[0];
        small.Complete(Outcome.Succeeded with { Bytes = 10 });
        Pick().Backend.ShouldBe(small.Backend);
        Pick().Backend.ShouldBe(small.Backend);

        // Idle it costs nothing, whatever it is; then 1,000 bytes are expected of it, and 20 of the other.
        first[1].Complete(Outcome.Succeeded with { Bytes = 1_000 });
        Pick().Backend.ShouldBe(first[1].Backend);
        Pick().Backend.ShouldBe(small.Backend);

        BackendLease Pick()
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            return lease;
        }
    }

    [Fact]
    public void Explain_MetricOfOnesOwn_SaysTheLoad()
    {
        using Balancer balancer = Build(new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)), "3", "1.5");
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(default);

        PickExplanation explanation = balancer.Explain(default);

        explanation.ToString().ShouldContain("cheapest");
        explanation.Backends.Select(backend => backend.Detail).ShouldBe(["load 3", "load 1.5"]);
    }

    [Fact]
    public void TryPick_NegativeAndInfiniteLoads_AreInOrder()
    {
        using Balancer balancer = Build(new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)) { FullScan = true }, "Infinity", "1e300", "-Infinity", "-1e300");

        CountPicks(balancer, 100).ShouldBe([0, 0, 100, 0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryPick_LoadsThatAreNoNumbers_StillPicksOne(bool isFullScan)
    {
        using Balancer balancer = Build(new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)) { FullScan = isFullScan }, "NaN", "1", "NaN");

        CountPicks(balancer, 100).Sum().ShouldBe(100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pick_NoNumbersAndExclusions_AvoidsTheExcludedWhileAnotherIsLeft(bool isFullScan)
    {
        BackendSet set = Pools.Set(1, 1, 1);
        Picker picker = new LoadMetricPolicy<NoNumber>("none", _ => default) { FullScan = isFullScan }.CreatePicker(set, new Random(17));

        picker.CountPicks(set, 100, Pools.Without(set[0], set[2])).ShouldBe([0, 100, 0]);
        picker.CountPicks(set, 100, Pools.Without(set)).Sum().ShouldBe(100);
    }

    [Fact]
    public void Create_BadArguments_Throw()
    {
        Should.Throw<ArgumentException>(() => new LoadMetricPolicy<Cost>("", backends => new Cost(backends)));
        Should.Throw<ArgumentNullException>(() => new LoadMetricPolicy<Cost>("cheapest", null!));
        Should.Throw<ArgumentOutOfRangeException>(() => new LoadMetricPolicy<Cost>("cheapest", backends => new Cost(backends)) { ChoiceCount = 0 });
    }

    private static Balancer Build(LoadBalancingPolicy policy, params string?[] costs) =>
        new BalancerBuilder("orders")
            .AddBackends([.. costs.Select((cost, index) => cost is null ? Pools.Describe(index) : Pools.Describe(index) with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["cost"] = cost } })])
            .UsePolicy(policy)
            .UseRandom(new Random(17))
            .Build();

    private static int[] CountPicks(Balancer balancer, int picks) =>
        Shares.CountDraws(picks, balancer.Backends.Count, () =>
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Complete(default);
            return int.Parse(lease.Backend.Id[1..], CultureInfo.InvariantCulture);
        });

    private static double CostOf(BackendState backend) =>
        backend.Description.Metadata.TryGetValue("cost", out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double cost) ? cost : 0;

    private readonly struct Cost(BackendSet backends) : ILoadMetric
    {
        private readonly double[] _costs = [.. backends.Eligible.ToArray().Select(CostOf)];

        public double GetLoad(int index) => _costs[index];
    }

    private readonly struct NoNumber : ILoadMetric
    {
        public double GetLoad(int index) => double.NaN;
    }

    private sealed class ResponseSize : IBackendObserver
    {
        private double _bytes = double.PositiveInfinity;

        public double Bytes => Volatile.Read(ref _bytes);

        public void Observe(in AttemptReport report)
        {
            if (report.IsCompletion && report.Outcome.Kind == OutcomeKind.Succeeded)
            {
                double bytes = report.Outcome.Bytes, average = Bytes;
                Volatile.Write(ref _bytes, double.IsFinite(average) ? average + (0.1 * (bytes - average)) : bytes);
            }
        }
    }

    private readonly struct ExpectedBytes(BackendSet backends, ResponseSize[] sizes) : ILoadMetric
    {
        private readonly BackendState[] _backends = backends.Eligible.ToArray();

        public double GetLoad(int index) => _backends[index].InFlight is var inFlight and > 0 ? inFlight * sizes[index].Bytes : 0;
    }

    private readonly struct LatencyLoadCost(BackendSet backends, PeakEwma[] latencies) : ILoadMetric
    {
        private readonly BackendState[] _backends = backends.Eligible.ToArray();
        private readonly double[] _costs = [.. backends.Eligible.ToArray().Select(CostOf)];

        public double GetLoad(int index)
        {
            double inFlight = _backends[index].InFlight;
            return latencies[index].Seconds + (0.01 * inFlight * inFlight) + _costs[index];
        }
    }
}
