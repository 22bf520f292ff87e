using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Tests.Balancing.Zones;

public sealed class ZoneLoadTests
{
    /// <summary>The third is the example in Envoy's code: callers 40, 40, 20 %, backends 25, 50, 25 %.</summary>
    [Theory]
    [InlineData(new[] { 2.0, 2, 2 }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, new[] { 1.0, 0, 0 })]
    [InlineData(new[] { 4.0, 2 }, new[] { 0.5, 0.5 }, new[] { 1.0, 0 })]
    [InlineData(new[] { 25.0, 50, 25 }, new[] { 0.4, 0.4, 0.2 }, new[] { 0.625, 0.25, 0.125 })]
    [InlineData(new[] { 2.0, 4 }, new[] { 0.5, 0.5 }, new[] { 2 / 3.0, 1 / 3.0 })]
    [InlineData(new[] { 1.0, 3, 8 }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, new[] { 0.25, 0, 0.75 })]
    [InlineData(new[] { 1.0, 9 }, new[] { 0.0, 1 }, new[] { 1.0, 0 })]
    [InlineData(new[] { 0.1, 0.1, 0.1 }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, new[] { 1.0, 0, 0 })]
    [InlineData(new[] { double.MaxValue, double.MaxValue }, new[] { 0.5, 0.5 }, new[] { 1.0, 0 })]
    [InlineData(new[] { 5.0 }, new[] { 1.0 }, new[] { 1.0 })]
    public void Spread_WeightsAndCallers_FillsTheOwnZoneThenWhatIsLeftElsewhere(double[] weights, double[] callers, double[] shares) =>
        ZoneLoad.Spread(weights, callers).ShouldBe(shares, 1e-9);

    [Fact]
    public void Spread_AnyWeightsAndCallers_AddsUpToOne() =>
        Check((weights, callers) =>
        {
            double[] shares = ZoneLoad.Spread(weights, callers);

            shares.Sum().ShouldBe(1, 1e-9);
            shares.ShouldAllBe(share => share >= 0 && share <= 1);
        });

    /// <summary>The point of the rule: when the callers of every zone follow it, every zone gets exactly the load that its weight is worth.</summary>
    [Fact]
    public void Spread_ByTheCallersOfEveryZone_LoadsAllBackendsEvenly() =>
        Check((weights, callers) =>
        {
            double total = callers.Sum();
            double[] load = new double[weights.Length];
            for (int own = 0; own < weights.Length; own++)
            {
                // Each sees its own zone first.
                int[] order = [own, .. Enumerable.Range(0, weights.Length).Where(zone => zone != own)];
                double[] shares = ZoneLoad.Spread(Array.ConvertAll(order, zone => weights[zone]), Array.ConvertAll(order, zone => callers[zone] / total));
                for (int i = 0; i < order.Length; i++)
                {
                    load[order[i]] += callers[own] / total * shares[i];
                }
            }

            load.ShouldBe(Array.ConvertAll(weights, weight => weight / weights.Sum()), 1e-6);
        });

    private static void Check(Action<double[], double[]> check)
    {
        Gen<(double[] Weights, double[] Callers)> zones =
            from count in Gen.Choose(1, 8)
            from weights in Gen.ArrayOf(Gen.Choose(1, 1000), count)
            from callers in Gen.ArrayOf(Gen.Choose(1, 1000), count)
            select (Array.ConvertAll(weights, weight => weight / 10.0), Array.ConvertAll(callers, share => (double)share));
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(5, 1), Prop.ForAll(zones.ToArbitrary(), zone => check(zone.Weights, zone.Callers)));
    }
}
