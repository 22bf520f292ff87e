using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Http.Telemetry;

namespace LoadBalancing.Client.Http.Queueing;

/// <summary>
/// Where requests wait while every backend that could take them is at its cap: one line per balancer, shared by all its handlers, first come first served. Thread safe.
/// </summary>
/// <remarks>
/// The line is a limiter with a single permit. Whoever holds that permit is the head; the head alone picks, and waits for the balancer's signal when it finds nobody. Once it has a backend, or gives up, the permit goes to the next.
/// Nobody overtakes: a newcomer who sees that somebody waits does not even try to pick. How many wait is counted here and not by the limiter, because the head waits too, and because the limits may change by a reload.
/// </remarks>
internal sealed class RequestLine : IDisposable
{
    private static readonly BalancerSlot<RequestLine> Slot = new(balancer => new RequestLine(balancer));

    private readonly Balancer _balancer;
    private readonly QueueInstruments _instruments;
    private readonly QueueLog _log;
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = int.MaxValue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    private int _waiting;

    private RequestLine(Balancer balancer)
    {
        _balancer = balancer;
        _instruments = new QueueInstruments(balancer, () => Waiting);
        _log = new QueueLog(balancer);
    }

    /// <summary>How many requests wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The line of a balancer.</summary>
    public static RequestLine Of(Balancer balancer) => Slot.Get(balancer);

    /// <summary>Picks at once, unless others wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAcquire(in PickRequest pick, out BackendLease lease)
    {
        if (Waiting == 0)
        {
            return _balancer.TryPickUncounted(pick, out lease);
        }

        lease = default;
        return false;
    }

    /// <summary>Picks; waits for discovery where it has not answered, and for room where caps are the reason that there is nobody.</summary>
    /// <exception cref="NoBackendAvailableException">There is nobody, or there was no room in time.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    public async ValueTask<BackendLease> AcquireAsync(PickRequest pick, QueueLimits limits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Read before the pick: when the first answer comes in between, the pick is worth another try.
        bool isSettled = _balancer.IsSettled;
        if (TryAcquire(pick, out BackendLease lease))
        {
            return lease;
        }

        if (!isSettled)
        {
            await _balancer.SettleAsync(cancellationToken).ConfigureAwait(false);
            if (TryAcquire(pick, out lease))
            {
                return lease;
            }
        }

        if (Waiting == 0 && !_balancer.IsSaturated)
        {
            return PickOrRefuse(pick);
        }

        if (!TryEnter(limits.MaxQueue))
        {
            throw RefuseFull(pick, limits);
        }

        return await WaitAsync(pick, limits, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _instruments.Dispose();

    private async ValueTask<BackendLease> WaitAsync(PickRequest pick, QueueLimits limits, CancellationToken cancellationToken)
    {
        long started = _balancer.TimeProvider.GetTimestamp();
        string? errorType = null;
        using CancellationTokenSource timeout = new(limits.Timeout, _balancer.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using RateLimitLease turn = await _turns.AcquireAsync(1, either.Token).ConfigureAwait(false);
            return await WaitForRoomAsync(pick, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            errorType = "canceled";

            // The caller knows its own token, not the one that it was linked with.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            errorType = "timeout";
            throw RefuseLate(pick, limits, started);
        }
        catch
        {
            errorType = "no_backend";
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            TimeSpan waited = _balancer.TimeProvider.GetElapsedTime(started);

            // A listener that throws must not lose the lease.
            _balancer.RunGuarded(() => _instruments.RecordWait(waited, errorType), "A listener of metrics");
        }
    }

    /// <summary>What the head of the line does.</summary>
    private async ValueTask<BackendLease> WaitForRoomAsync(PickRequest pick, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Armed before the pick, so that no room that comes after it is missed.
            Task room = _balancer.Room.Arm();
            if (_balancer.TryPickUncounted(pick, out BackendLease lease))
            {
                return lease;
            }

            if (!_balancer.IsSaturated)
            {
                return PickOrRefuse(pick);
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Why a pick found nobody is asked after it, and things may have changed in between: caps are no reason any more, so there may be somebody.</summary>
    private BackendLease PickOrRefuse(in PickRequest pick) =>
        _balancer.TryPickUncounted(pick, out BackendLease lease) ? lease : throw _balancer.Refuse(pick, isSaturated: false);

    private bool TryEnter(int maxQueue)
    {
        int waiting = Waiting;
        while (waiting < maxQueue)
        {
            int seen = Interlocked.CompareExchange(ref _waiting, waiting + 1, waiting);
            if (seen == waiting)
            {
                return true;
            }

            waiting = seen;
        }

        return false;
    }

    private NoBackendAvailableException RefuseFull(in PickRequest pick, in QueueLimits limits)
    {
        int waiting = Waiting;
        _instruments.CountRefusal();
        _log.QueueFull(waiting, limits.MaxQueue);
        return _balancer.Refuse(
            pick,
            isSaturated: true,
            string.Create(CultureInfo.InvariantCulture, $"Service '{_balancer.Name}' is saturated: backends are at their caps (MaxConcurrency), {waiting} requests wait already, and no more than {limits.MaxQueue} may (MaxQueue), so this one has not waited."));
    }

    private NoBackendAvailableException RefuseLate(in PickRequest pick, in QueueLimits limits, long started)
    {
        int others = Waiting - 1;
        double waited = _balancer.TimeProvider.GetElapsedTime(started).TotalSeconds;
        _log.QueueTimedOut(others, limits.Timeout);
        return _balancer.Refuse(
            pick,
            isSaturated: true,
            string.Create(CultureInfo.InvariantCulture, $"Service '{_balancer.Name}' is saturated: backends are at their caps (MaxConcurrency), and there was no room within {waited:0.###} s (QueueTimeout = {limits.Timeout}); {others} other requests wait."));
    }
}
