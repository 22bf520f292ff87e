using System.Diagnostics.Metrics;
using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>What is measured about the hedges of one balancer.</summary>
internal sealed class HedgeInstruments
{
    private static readonly BalancerSlot<HedgeInstruments> Slot = new(balancer => new HedgeInstruments(balancer));

    private readonly string _service;
    private readonly Counter<long> _hedges;

    private HedgeInstruments(Balancer balancer)
    {
        _service = balancer.Name;
        _hedges = balancer.Meter.CreateCounter<long>(LoadBalancingTelemetry.Hedges, "{hedge}", "Requests that were sent to a further backend while others were at it.");
    }

    /// <summary>Those of a balancer.</summary>
    public static HedgeInstruments Of(Balancer balancer) => Slot.Get(balancer);

    /// <param name="outcome">One of the values of <see cref="LoadBalancingTelemetry.HedgeOutcomeTag"/>.</param>
    public void Count(string outcome) =>
        _hedges.Add(1, new KeyValuePair<string, object?>(LoadBalancingTelemetry.ServiceTag, _service), new KeyValuePair<string, object?>(LoadBalancingTelemetry.HedgeOutcomeTag, outcome));
}
