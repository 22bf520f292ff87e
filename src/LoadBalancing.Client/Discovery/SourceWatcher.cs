namespace LoadBalancing.Client.Discovery;

/// <summary>
/// Watches one source for as long as it is needed: hands on its lists, and starts the watch again with back-off when it fails or ends. The last list stays.
/// </summary>
internal sealed class SourceWatcher : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private const double Jitter = 0.2;

    private readonly TimeProvider _timeProvider;
    private readonly Random _random;
    private readonly ISourceListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private int _started;

    public SourceWatcher(IBackendSource source, TimeProvider timeProvider, Random random, ISourceListener listener)
    {
        Source = source;
        _timeProvider = timeProvider;
        _random = random;
        _listener = listener;
    }

    public IBackendSource Source { get; }

    /// <summary>What the source calls itself, for messages.</summary>
    public string Name => Source.ToString() ?? Source.GetType().Name;

    /// <summary>The last list; <see langword="null"/> until there is one. Guarded by the listener's lock.</summary>
    public IReadOnlyList<Backend>? Latest { get; set; }

    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            return;
        }

        // A request may be what starts this: its ExecutionContext must not live on in the loop.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => WatchAsync(_stop.Token));
        }
    }

    /// <summary>Ends the watch. Returns at once: how a source cleans up must not hold up the caller, who has a lock.</summary>
    public void Dispose() => _ = _stop.CancelAsync();

    private async Task WatchAsync(CancellationToken stop)
    {
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            Exception? failure = null;
            try
            {
                await foreach (IReadOnlyList<Backend> backends in Source.WatchAsync(stop).WithCancellation(stop).ConfigureAwait(false))
                {
                    if (backends is null || backends.Contains(null!))
                    {
                        throw new InvalidOperationException($"{Source.GetType().Name} yielded a list that is null or holds a null.");
                    }

                    _listener.OnBackends(this, backends);
                    failures = 0;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever a source throws is a failure of discovery: it is logged and counted, and the last list stays.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }

            if (stop.IsCancellationRequested)
            {
                return;
            }

            TimeSpan delay = NextDelay(failures++);
            TellFailure(failure, delay);
            await Task.Delay(delay, _timeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TellFailure(Exception? failure, TimeSpan delay)
    {
        try
        {
            _listener.OnFailure(this, failure, delay);
        }
#pragma warning disable CA1031 // The watch must go on.
        catch (Exception)
#pragma warning restore CA1031
        {
            // A logger or a meter's listener threw, so there is nowhere left to say so.
        }
    }

    private TimeSpan NextDelay(int failures)
    {
        double doubled = FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failures, 16));
        double spread = 1 + (Jitter * ((2 * _random.NextDouble()) - 1));
        return TimeSpan.FromSeconds(Math.Min(doubled, LongestDelay.TotalSeconds) * spread);
    }
}
