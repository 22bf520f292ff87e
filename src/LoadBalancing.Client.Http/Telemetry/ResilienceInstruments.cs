using System.Diagnostics;
using System.Diagnostics.Metrics;
using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>What is counted and logged about additional attempts. One per balancer. Thread safe.</summary>
internal sealed class ResilienceInstruments
{
    /// <summary>As long as the window of the budget: one line tells of about what one window was short of.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private static readonly BalancerSlot<ResilienceInstruments> Slot = new(balancer => new ResilienceInstruments(balancer));

    private readonly Balancer _balancer;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _exhausted;
    private long _nextLog = long.MinValue;
    private long _unsaid;

    private ResilienceInstruments(Balancer balancer)
    {
        _balancer = balancer;
        _retries = balancer.Meter.CreateCounter<long>(LoadBalancingTelemetry.Retries, "{retry}", "Requests that were sent again.");
        _hedges = balancer.Meter.CreateCounter<long>(LoadBalancingTelemetry.Hedges, "{hedge}", "Requests that were sent to a further backend while others were at it.");
        _exhausted = balancer.Meter.CreateCounter<long>(LoadBalancingTelemetry.BudgetExhausted, "{attempt}", "Attempts that the budget did not allow.");
    }

    /// <summary>Those of a balancer.</summary>
    public static ResilienceInstruments Of(Balancer balancer) => Slot.Get(balancer);

    /// <param name="errorType">Why the attempt before was not good enough.</param>
    public void CountRetry(string? errorType)
    {
        TagList tags = ServiceTags();
        tags.Add(LoadBalancingTelemetry.ErrorTypeTag, errorType);
        _retries.Add(1, tags);
    }

    /// <param name="outcome">One of the values of <see cref="LoadBalancingTelemetry.HedgeOutcomeTag"/>.</param>
    public void CountHedge(string outcome)
    {
        TagList tags = ServiceTags();
        tags.Add(LoadBalancingTelemetry.HedgeOutcomeTag, outcome);
        _hedges.Add(1, tags);
    }

    /// <summary>The budget has refused an attempt.</summary>
    public void CountExhausted()
    {
        _exhausted.Add(1, ServiceTags());
        Interlocked.Increment(ref _unsaid);
        long now = _balancer.TimeProvider.GetTimestamp();
        long next = Volatile.Read(ref _nextLog);
        if (now >= next && Interlocked.CompareExchange(ref _nextLog, now + (long)(LogInterval.TotalSeconds * _balancer.TimeProvider.TimestampFrequency), next) == next)
        {
            Log.BudgetExhausted(_balancer.Logger, _balancer.Name, Interlocked.Exchange(ref _unsaid, 0));
        }
    }

    private TagList ServiceTags() => new() { { LoadBalancingTelemetry.ServiceTag, _balancer.Name } };
}
