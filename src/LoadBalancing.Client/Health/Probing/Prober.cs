using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>Probes the backends of one balancer: keeps a monitor per backend, begins and ends their work. Off until options turn it on.</summary>
/// <remarks>Its methods are called under the writers' lock, but for <see cref="Dispose"/>, which is why there is a lock of its own.</remarks>
internal sealed class Prober(TimeProvider timeProvider, Random random, Schedule schedule) : IHealthSource
{
    /// <summary>Into how many steps an interval is divided. What is due at the same step shares a wake-up of the timer, which costs a hundred times as much as planning a probe.</summary>
    private const int StepsPerInterval = 50;

    private static readonly BackendSlot<BackendMonitor> Slot = new();

    private readonly long _origin = timeProvider.GetTimestamp();
    private readonly Lock _gate = new();
    private HashSet<BackendMonitor> _monitors = [];
    private ProbeSetup? _setup;
    private bool _isStarted;
    private bool _isDisposed;

    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Thread safe.</summary>
    public Random Random { get; } = random;

    public Schedule Schedule { get; } = schedule;

    public FirstRound FirstRound { get; } = new();

    /// <summary>What is asked, and how; <see langword="null"/> while probes are off.</summary>
    public ProbeSetup? Setup => Volatile.Read(ref _setup);

    public static Verdict CreateVerdict(long since, string cause, long nextAt) => new(since, cause) { NextStep = "next probe", NextAt = nextAt };

    /// <summary>Puts other options in force. What is known about the backends stays, unless probes are turned off; those that are in use when probes are turned on are trusted until one fails.</summary>
    public void Configure(ActiveHealthCheckOptions options)
    {
        lock (_gate)
        {
            if (_isDisposed || (Setup is null ? !options.Enabled : options == Setup.Options))
            {
                return;
            }

            ProbeSetup? before = Setup;
            Volatile.Write(ref _setup, options.Enabled ? new ProbeSetup(options with { }) : null);
            if (Setup is { Options.InitiallyHealthy: false } && !_isStarted)
            {
                FirstRound.Begin();
            }
            else if (Setup is null or { Options.InitiallyHealthy: true })
            {
                FirstRound.End();
            }

            if (Setup is null)
            {
                foreach (BackendMonitor monitor in _monitors)
                {
                    monitor.Forget();
                }

                _monitors = [];
            }
            else
            {
                Watch([.. _monitors]);
            }

            before?.Dispose();
        }
    }

    /// <summary>When a backend is to be probed that was probed last at <paramref name="started"/>: after one interval, more or less, at the nearest step.</summary>
    public long NextAfter(long started, ActiveHealthCheckOptions options)
    {
        double interval = options.Interval.TotalSeconds * TimeProvider.TimestampFrequency;
        if (options.Jitter == 0)
        {
            return started + (long)interval;
        }

        long earliest = started + (long)Math.Ceiling(interval * (1 - options.Jitter));
        long latest = started + (long)(interval * (1 + options.Jitter));
        long due = earliest + (long)((latest - earliest) * Random.NextDouble());
        double step = interval / StepsPerInterval;
        long nearest = _origin + (long)(Math.Round((due - _origin) / step) * step);
        return nearest >= earliest && nearest <= latest ? nearest : due;
    }

    public BackendJudge? CreateJudge(BackendState backend) => null;

    /// <summary>A backend is made, which nobody can pick yet.</summary>
    public void Introduce(BackendState backend)
    {
        if (Setup is { Options.InitiallyHealthy: false })
        {
            backend.BeginWith(Unavailability.ProbeFailed, CreateVerdict(TimeProvider.GetTimestamp(), "waits for its first success", long.MaxValue));
        }
    }

    public void Update(IReadOnlyList<BackendState> listed)
    {
        lock (_gate)
        {
            if (Setup is null)
            {
                return;
            }

            HashSet<BackendMonitor> monitors = new(listed.Count);
            List<BackendMonitor> joined = [];
            foreach (BackendState backend in listed)
            {
                BackendMonitor monitor = Slot.Get(backend) ?? CreateMonitor(backend);
                monitors.Add(monitor);
                if (!_monitors.Remove(monitor))
                {
                    joined.Add(monitor);
                }
            }

            foreach (BackendMonitor gone in _monitors)
            {
                gone.Unwatch();
            }

            _monitors = monitors;
            FirstRound.Update(monitors, joined);
            Watch(joined);
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            Watch([.. _monitors]);
        }
    }

    /// <summary>Stops all probes; those that run are canceled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            ProbeSetup? before = Interlocked.Exchange(ref _setup, null);
            foreach (BackendMonitor monitor in _monitors)
            {
                monitor.Unwatch();
            }

            before?.Dispose();
        }

        FirstRound.End();
    }

    private BackendMonitor CreateMonitor(BackendState backend)
    {
        if (!_isStarted)
        {
            // It may have been made before there were options.
            Introduce(backend);
        }

        BackendMonitor monitor = new(backend, this);
        Slot.Set(backend, monitor);
        return monitor;
    }

    /// <summary>Begins to probe, once there is use for it: evenly over one interval, and not every client with the same backend first.</summary>
    private void Watch(List<BackendMonitor> monitors)
    {
        if (!_isStarted || _isDisposed || Setup is not { } setup || monitors.Count == 0)
        {
            return;
        }

        int count = monitors.Count;
        int first = count == 1 ? 0 : Random.Next(count);
        int steps = Math.Min(count, StepsPerInterval);
        for (int i = 0; i < count; i++)
        {
            monitors[(first + i) % count].Watch(setup.Options.Interval * ((long)i * steps / count) / steps);
        }
    }
}
