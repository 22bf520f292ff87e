using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Resilience.Hedging;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>What the HTTP client of one process does with a request besides picking: the options that the handler reads, and its budget.</summary>
internal sealed class ClientSettings
{
    private static readonly HttpBalancingOptions Defaults = new();

    private readonly RetryBudgetOptions _budgetOptions;

    /// <param name="balancer">The client's balancer.</param>
    /// <param name="scenario">What the scenario says itself: it gives a request its time and its attempts, and so none of these limits is in force unless it is asked for.</param>
    public ClientSettings(Balancer balancer, ScenarioPlan scenario)
    {
        HttpBalancingOptions options = balancer.Options.FindFeature<HttpBalancingOptions>() ?? Defaults;
        AttemptTimeout = scenario.Balancer.IsSet(nameof(options.AttemptTimeout)) ? options.AttemptTimeout : Timeout.InfiniteTimeSpan;
        RequestTimeout = options.RequestTimeout;
        Queue = new QueueLimits(options.MaxQueue, options.QueueTimeout);
        int attempts = scenario.Attempts ?? (scenario.Balancer.IsSet(nameof(options.Retry)) ? options.Retry.MaxAttempts : 1);
        Retry = options.Retry.Enabled && attempts > 1 ? options.Retry with { MaxAttempts = attempts } : null;
        Hedging = options.Hedging.Enabled ? new HedgingSettings(options.Hedging.MaxHedges, new HedgeTiming(options.Hedging, balancer)) : null;
        _budgetOptions = options.Retry.Budget;
        Budget = _budgetOptions.Enabled && (Retry is not null || Hedging is not null) ? RetryBudget.Of(balancer) : null;
    }

    /// <summary>How long an attempt may take.</summary>
    public TimeSpan AttemptTimeout { get; }

    /// <summary>How long a request may take with all its attempts, before the client itself gives it up.</summary>
    public TimeSpan RequestTimeout { get; }

    /// <summary>How many requests may wait when all backends are at their caps, and for how long.</summary>
    public QueueLimits Queue { get; }

    /// <summary>When and how often an attempt that has failed is followed by another; <see langword="null"/> for never.</summary>
    public RetryOptions? Retry { get; }

    /// <summary>When and how often another backend is asked too; <see langword="null"/> for never.</summary>
    public HedgingSettings? Hedging { get; }

    /// <summary>Limits retries and hedges; <see langword="null"/> without a limit.</summary>
    public RetryBudget? Budget { get; }

    /// <summary>Asks the budget for one more attempt. Whoever gets it either spends it or gives it back.</summary>
    public bool TryWithdraw() => Budget?.TryWithdraw(_budgetOptions) != false;
}
