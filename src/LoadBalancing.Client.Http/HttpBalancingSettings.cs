using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.HashKeys;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Resilience.Hedging;
using LoadBalancing.Client.Http.Routing;
using LoadBalancing.Client.Http.Telemetry;
using Polly;

namespace LoadBalancing.Client.Http;

/// <summary>What a handler reads per request, made once from the balancer's options and the client's base address.</summary>
internal sealed class HttpBalancingSettings
{
    private static readonly HttpBalancingOptions Defaults = new();

    private readonly RequestHasher? _hasher;
    private readonly RetryBudgetOptions _budgetOptions;

    public HttpBalancingSettings(LoadBalancingHandler handler, Balancer balancer, BalancerOptions source, Uri? baseAddress)
    {
        HttpBalancingOptions options = source.FindFeature<HttpBalancingOptions>() ?? Defaults;
        Handler = handler;
        Balancer = balancer;
        Source = source;
        Instruments = ResilienceInstruments.Of(balancer);
        Timeouts = new RequestTimeouts(options.AttemptTimeout, options.RequestTimeout, IsGrpc: false);
        Line = RequestLine.Of(balancer);
        Queue = new QueueLimits(options.MaxQueue, options.QueueTimeout);
        Authorities = new ServiceAuthorities(Collect(balancer.Name, baseAddress, options));
        _hasher = RequestHasher.Create(options.HashOn.Sources, source.Policy);
        if (options.Retry is { Enabled: true, MaxAttempts: > 1 })
        {
            Retry = options.Retry;
            Pipeline = RetryPipeline.Create(Retry, balancer.TimeProvider, balancer.Random);
            MaxBufferedBodyBytes = Retry.MaxBufferedBodyBytes;
        }

        if (options.Hedging.Enabled)
        {
            Hedging = new HedgingSettings(options.Hedging.MaxHedges, new HedgeTiming(options.Hedging, balancer));
        }

        _budgetOptions = options.Retry.Budget;
        Budget = _budgetOptions.Enabled && (Retry is not null || Hedging is not null) ? RetryBudget.Of(balancer) : null;
    }

    /// <summary>The handler whose settings these are.</summary>
    public LoadBalancingHandler Handler { get; }

    public Balancer Balancer { get; }

    public TimeProvider TimeProvider => Balancer.TimeProvider;

    /// <summary>The options that this was made from.</summary>
    public BalancerOptions Source { get; }

    /// <summary>The limits of a request that says nothing of its own.</summary>
    public RequestTimeouts Timeouts { get; }

    /// <summary>Where requests wait for room, those of all handlers of the balancer.</summary>
    public RequestLine Line { get; }

    /// <summary>How many may wait there, and for how long.</summary>
    public QueueLimits Queue { get; }

    public ServiceAuthorities Authorities { get; }

    /// <summary>What is sent again; <see langword="null"/> when nothing is.</summary>
    public RetryOptions? Retry { get; }

    /// <summary>Sends again; <see langword="null"/> when nothing is.</summary>
    public ResiliencePipeline<Retrying>? Pipeline { get; }

    /// <summary>What is sent to another backend too; <see langword="null"/> when nothing is.</summary>
    public HedgingSettings? Hedging { get; }

    /// <summary>Limits what is sent again, and to others too; <see langword="null"/> without a limit.</summary>
    public RetryBudget? Budget { get; }

    public ResilienceInstruments Instruments { get; }

    /// <summary>Up to which length a body is read into memory first, when it is not there; 0 for none.</summary>
    public int MaxBufferedBodyBytes { get; }

    /// <summary>What to pick by: what the request's own options say, or else the first of the configured keys that it has.</summary>
    public PickRequest CreatePick(HttpRequestMessage request, in RequestTarget target)
    {
        PickRequest pick = LoadBalancingRequestOptions.CreatePick(request);
        return _hasher is not null && pick.Hash is null ? new PickRequest { Hash = _hasher.FindHash(request, target) } : pick;
    }

    /// <summary>A request got its backend at once: times its first attempt, if anybody will ask, since the clock costs more than all the rest, and counts it.</summary>
    /// <returns>What ends the attempt early, if anything does.</returns>
    public AttemptDeadline? Begin(in BackendLease lease, in RequestTimeouts timeouts)
    {
        if (Retry is null && !timeouts.IsTimed)
        {
            return null;
        }

        long started = CountFirst(lease.Time(TimeProvider));
        return AttemptDeadline.Create(timeouts, timeouts.All, started);
    }

    /// <summary>When a request began that has no backend yet. Once it has one, it is to be counted (<see cref="CountFirst"/>): what is never sent must not earn retries.</summary>
    public long Begin() => TimeProvider.GetTimestamp();

    /// <summary>Counts a first attempt.</summary>
    /// <returns><paramref name="started"/>.</returns>
    public long CountFirst(long started)
    {
        Budget?.CountFirst(started);
        return started;
    }

    /// <summary>How long something took that began at <paramref name="started"/>, if that is known.</summary>
    public TimeSpan? Elapsed(long started) => started == Attempt.Untimed ? null : TimeProvider.GetElapsedTime(started);

    /// <summary>Whether an answer with this status may have to be replaced by that of another attempt.</summary>
    public bool IsRetried(HttpResponseMessage response) => Retry is not null && RetryRules.OfStatus(response.StatusCode) != AttemptFailure.None;

    /// <summary>Asks the budget for one more attempt, a retry or a hedge. Whoever gets it either spends it or gives it back.</summary>
    public bool TryWithdraw()
    {
        if (Budget is null || Budget.TryWithdraw(_budgetOptions))
        {
            return true;
        }

        Instruments.CountExhausted();
        return false;
    }

    private static IEnumerable<Authority> Collect(string name, Uri? baseAddress, HttpBalancingOptions options)
    {
        // A name that is no host can still be balanced, by the base address or by authorities of its own.
        if (Authority.TryParse(name) is { Port: null } own)
        {
            yield return own;
        }

        if (baseAddress is not null)
        {
            yield return Authority.Of(baseAddress);
        }

        foreach (string authority in options.Authorities)
        {
            yield return Authority.Parse(authority);
        }
    }
}
