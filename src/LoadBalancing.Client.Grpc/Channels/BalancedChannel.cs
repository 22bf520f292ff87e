using System.Runtime.ExceptionServices;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Grpc.Connections;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>
/// What the parts of one channel share: the balancer, its views, and the picker in force. Opened by the resolver when the channel is first used, closed with it. Thread safe.
/// </summary>
internal sealed class BalancedChannel : IDisposable
{
    /// <summary>In the words of OpenTelemetry's <c>error.type</c>, as for other requests over HTTP.</summary>
    private const string ConnectionError = "connection_error";

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private ViewSource? _views;
    private CallRules _rules;
    private SubchannelPicker? _picker;
    private TaskCompletionSource? _nextPicker;
    private int _waitsForRoom;
    private bool _isOpen;
    private bool _isSettling = true;
    private bool _isOverdue;

    /// <param name="balancer">The service's balancer. Not disposed with this.</param>
    /// <param name="isSecure">Whether the channel's credentials ask for TLS.</param>
    /// <param name="connections">The connections of the channel's handler.</param>
    public BalancedChannel(Balancer balancer, bool isSecure, ConnectionTracker connections)
    {
        Balancer = balancer;
        IsSecure = isSecure;
        Connections = connections;
        _rules = new CallRules(balancer.Options);
        _closed = _closing.Token;
    }

    public Balancer Balancer { get; }

    public bool IsSecure { get; }

    public ConnectionTracker Connections { get; }

    /// <summary>The rules in force. A reload replaces the balancer's options, so a comparison of references tells.</summary>
    public CallRules Rules
    {
        get
        {
            CallRules rules = _rules;
            BalancerOptions options = Balancer.Options;
            return ReferenceEquals(rules.Source, options) ? rules : _rules = new CallRules(options);
        }
    }

    /// <summary>Whether discovery, or the first round of probes where that matters, has time left for its first answer, so that calls wait for it.</summary>
    public bool IsSettling => Volatile.Read(ref _isSettling) && !Balancer.IsSettled;

    /// <summary>Whether discovery has had its time, and has not answered.</summary>
    public bool IsOverdue => Volatile.Read(ref _isOverdue) && !Balancer.IsAnswered;

    /// <summary>Whether it is worth to ask for a view.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen);

    /// <summary>Starts discovery, if nobody has, and tells the channel to look, now and whenever there is reason to.</summary>
    /// <param name="refresh">Builds another view and puts a picker over it in force. Called on a thread of the pool, with no lock held.</param>
    public async Task OpenAsync(Action refresh)
    {
        // Nobody waits for this, so nothing may escape; and whatever fails, calls must not wait for ever for what is not coming.
        Balancer.RunGuarded(() => OpenViews(refresh), nameof(BalancedChannel));
        Volatile.Write(ref _isOpen, true);
        if (_closed.IsCancellationRequested)
        {
            _views?.Dispose();
            return;
        }

        Balancer.RunGuarded(refresh, nameof(BalancedChannel));
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Builds a view of the balancer.</summary>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    /// <exception cref="InvalidOperationException">The balancer could not be started.</exception>
    public BalancerView CreateView(IReadOnlyDictionary<BackendState, Readiness> readiness)
    {
        if (Volatile.Read(ref _views) is { } views)
        {
            return views.CreateView(readiness);
        }

        Balancer.ThrowIfDisposed();
        throw new InvalidOperationException($"Balancer '{Balancer.Name}' could not be started; the log says why.");
    }

    /// <summary>Has the channel look again, soon and elsewhere; several that come together are one.</summary>
    public void Tell() => Volatile.Read(ref _views)?.Tell();

    /// <summary>Has the channel look again as soon as a backend that is at its cap may have room.</summary>
    public void WakeWhenThereIsRoom()
    {
        Task room = Balancer.Room.Arm();
        if (Interlocked.Exchange(ref _waitsForRoom, 1) == 0)
        {
            _ = room.ContinueWith(static (_, channel) => ((BalancedChannel)channel!).OnRoom(), this, _closed, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Puts a picker in force.</summary>
    public void Publish(SubchannelPicker picker)
    {
        Volatile.Write(ref _picker, picker);
        Interlocked.Exchange(ref _nextPicker, null)?.TrySetResult();
    }

    /// <summary>The picker in force, or the first one after it when that has been tried.</summary>
    public async ValueTask<SubchannelPicker> GetPickerAsync(SubchannelPicker? tried, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? next = Volatile.Read(ref _nextPicker);
            if (next is null)
            {
                TaskCompletionSource created = new(TaskCreationOptions.RunContinuationsAsynchronously);
                next = Interlocked.CompareExchange(ref _nextPicker, created, null) ?? created;
            }

            // Read after there is somebody to wake.
            SubchannelPicker? picker = Volatile.Read(ref _picker);
            if (picker is not null && !ReferenceEquals(picker, tried))
            {
                return picker;
            }

            await next.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A connection could not be made: a failed attempt, though no call was on it. Calls observers, handlers of events and listeners of metrics, so not under a lock; what they throw is logged.
    /// </summary>
    public void ReportConnectFailure(BackendState backend, bool isTimeout) => Balancer.RunGuarded(() => CountConnectFailure(backend, isTimeout), nameof(ReportConnectFailure));

    public void Dispose()
    {
        _closing.Cancel();
        Volatile.Read(ref _views)?.Dispose();
        _closing.Dispose();
    }

    private void OpenViews(Action refresh)
    {
        try
        {
            Volatile.Write(ref _views, Balancer.OpenViews(refresh));
        }
        catch (ObjectDisposedException)
        {
            // Whoever asks for a view hears of it.
        }
    }

    private void CountConnectFailure(BackendState backend, bool isTimeout)
    {
        try
        {
            // A backend that takes no attempts, such as one whose circuit is open, hears of none.
            if (Balancer.TryAcquire(new ViewChoice(backend, PickReasons.None, backend.Era), out BackendLease lease, out _))
            {
                lease.Complete(Outcome.ConnectFailed with { ErrorType = isTimeout ? Outcome.TimeoutError : ConnectionError });
            }
        }
        catch (ObjectDisposedException)
        {
            // Nobody wants to know any more.
        }
    }

    private void OnRoom()
    {
        Volatile.Write(ref _waitsForRoom, 0);
        Tell();
    }

    /// <summary>Waits as long as a pick would, for the first answer of discovery; then calls that wait for it are told.</summary>
    private async Task SettleAsync()
    {
        try
        {
            await Balancer.SettleAsync(_closed).ConfigureAwait(false);
        }
        catch (NoBackendAvailableException)
        {
            Volatile.Write(ref _isOverdue, true);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // Nobody waits for this, so nobody else would hear of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Balancer.RunGuarded(() => ExceptionDispatchInfo.Throw(exception), nameof(BalancedChannel));
        }

        Volatile.Write(ref _isSettling, false);
        Tell();
    }
}
