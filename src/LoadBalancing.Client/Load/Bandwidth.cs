using System.Runtime.InteropServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Load;

/// <summary>Bytes per second that one backend sends, forgotten exponentially. Thread safe.</summary>
/// <remarks>
/// The one value kept is ln(Σ bytes × exp(t/τ)), which is ln(rate) + t/τ + a constant: it stands still while the rate decays, so "now" cancels when two backends are compared. A sample is one compare-and-swap.
/// </remarks>
internal sealed class Bandwidth : IBackendObserver
{
    private readonly TimeProvider _timeProvider;
    private readonly double _decaysPerTick;
    private readonly double _lnWindowSeconds;
    private readonly PeriodicRefresh _refresh;
    private Cell _cell = new() { Level = double.NegativeInfinity };

    public Bandwidth(TimeProvider timeProvider, TimeSpan window, PeriodicRefresh refresh)
    {
        _timeProvider = timeProvider;
        _decaysPerTick = 1 / (window.TotalSeconds * timeProvider.TimestampFrequency);
        _lnWindowSeconds = Math.Log(window.TotalSeconds);
        _refresh = refresh;
    }

    /// <summary>In the order of the rates at any one time; negative infinity while nothing was sent.</summary>
    public double Level => Volatile.Read(ref _cell.Level);

    /// <summary>Whether the last attempt that says anything has failed.</summary>
    public bool IsFailing => Volatile.Read(ref _cell.IsFailing) != 0;

    /// <summary>The rate now.</summary>
    public double BytesPerSecond => Math.Exp(Level - (_timeProvider.GetTimestamp() * _decaysPerTick) - _lnWindowSeconds);

    /// <inheritdoc/>
    public void Observe(in AttemptReport report)
    {
        ref readonly Outcome outcome = ref report.Outcome;
        if (outcome.IsFailure || outcome.Kind == OutcomeKind.Succeeded)
        {
            int isFailing = outcome.IsFailure ? 1 : 0;
            if (Volatile.Read(ref _cell.IsFailing) != isFailing)
            {
                Volatile.Write(ref _cell.IsFailing, isFailing);
            }
        }

        if (report.IsCompletion && outcome.Bytes > 0)
        {
            Add(Math.Log(outcome.Bytes) + (report.Now * _decaysPerTick));
            _refresh.Tick(report.Now);
        }
    }

    private void Add(double sample)
    {
        double level = Level;
        while (true)
        {
            double sum = Math.Max(level, sample) + Math.Log(1 + Math.Exp(-Math.Abs(level - sample)));
            double seen = Interlocked.CompareExchange(ref _cell.Level, sum, level);
            if (seen.Equals(level))
            {
                return;
            }

            level = seen;
        }
    }

    /// <summary>Written by every attempt and read by every pick, so alone on its cache lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Cell
    {
        [FieldOffset(128)]
        public double Level;

        [FieldOffset(136)]
        public int IsFailing;
    }
}
