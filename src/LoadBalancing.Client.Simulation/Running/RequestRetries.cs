using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>What one request remembers of its attempts, and whether there will be another: by the handler's own back-off, budget and exclusions. Used again and again.</summary>
internal sealed class RequestRetries(VirtualClock clock)
{
    private Client _client = null!;
    private TriedBackends? _tried;
    private bool _holdsPlace;
    private long _started;

    /// <summary>How many attempts were sent.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether the last attempt to fail has brought an answer, if a bad one. It is not worth waiting for another in line.</summary>
    public bool HasAnswer { get; private set; }

    private RetryBudget? Budget => _client.Settings.Budget;

    /// <summary>A request begins.</summary>
    public void Start(Client client)
    {
        _client = client;
        _tried = null;
        _started = clock.GetTimestamp();
        Attempts = 0;
        HasAnswer = false;
    }

    /// <summary>What the next attempt is picked by.</summary>
    public PickRequest CreatePick(ulong? hash) => new() { Hash = hash, Excluded = _tried?.Exclude(_client.Balancer.Backends.Eligible) ?? default };

    /// <summary>Finds somebody whom circuit or ejection keep out, where all others were tried and the last one has given no answer at all: before that one is asked again.</summary>
    public bool TryPickSuspect(out BackendLease lease)
    {
        lease = default;
        return _tried is { } tried && !HasAnswer && tried.ContainsAll(_client.Balancer.Backends.Eligible) && _client.Balancer.TryPickSuspect(tried.All, out lease);
    }

    /// <summary>An attempt is sent. A request that gets no backend at all earns no retries.</summary>
    public void OnSent()
    {
        if (Attempts++ == 0)
        {
            Budget?.CountFirst(_started);
        }

        if (_holdsPlace)
        {
            _holdsPlace = false;
            Budget?.Spend();
        }
    }

    /// <summary>An attempt has failed.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="failure">In which way.</param>
    public void OnFailed(BackendState backend, AttemptFailure failure)
    {
        HasAnswer = failure == AttemptFailure.Refused;
        if (_client.Settings.Retry is not null)
        {
            (_tried ??= new TriedBackends(clock)).Add(backend, retryAfter: null);
        }
    }

    /// <summary>All attempts have failed: decides whether there is another, and when. If so, it holds a place in the budget.</summary>
    /// <param name="end">When the request's time is over.</param>
    /// <param name="delay">How long to wait before the next one.</param>
    public bool TryPlan(double end, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        if (_client.Settings.Retry is not { } retry || Attempts >= retry.MaxAttempts)
        {
            return false;
        }

        delay = Backoff.Compute(retry, Attempts - 1, _client.Balancer.Random);
        return clock.TimeAfter(delay) < end && (_holdsPlace = _client.Settings.TryWithdraw());
    }

    /// <summary>The request is over: a place that it still holds goes to others.</summary>
    public void End()
    {
        if (_holdsPlace)
        {
            _holdsPlace = false;
            Budget?.GiveBack();
        }
    }
}
