using System.Runtime.InteropServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Load;

/// <summary>Bytes per second that one backend sends, forgotten exponentially. Thread safe.</summary>
/// <remarks>
/// The one value compared is ln(Σ bytes × exp(t/τ)), which is ln(rate) + t/τ + a constant: it stands still while the rate decays, so "now" cancels when two backends are compared. A sample is one compare-and-swap.
/// An attempt that fails, or is canceled before its answer, is charged like an ordinary one of the pool, and lifts the backend to the pool's mean first: so errors move the level as work does, one by one,
/// and whoever sends nothing but errors has as much to do as the others have.
/// </remarks>
internal sealed class Bandwidth : IBackendObserver
{
    private readonly TimeProvider _timeProvider;
    private readonly double _decaysPerTick;
    private readonly double _lnWindowSeconds;
    private readonly PeriodicRefresh _refresh;
    private Membership? _membership;
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

    /// <summary>The level of someone who has just sent so much, and nothing before.</summary>
    public double LevelOf(double bytes, long now) => Math.Log(bytes) + (now * _decaysPerTick);

    /// <summary>The rate now.</summary>
    public double BytesPerSecond => Math.Exp(Level - (_timeProvider.GetTimestamp() * _decaysPerTick) - _lnWindowSeconds);

    /// <summary>All bytes that were really sent.</summary>
    public long Bytes => Volatile.Read(ref _cell.Bytes);

    /// <summary>All attempts that were answered as they should be and are over, less those whose error page is on its way.</summary>
    public long Attempts => Volatile.Read(ref _cell.Attempts);

    /// <summary>What is ordinary in its pool; <see langword="null"/> while it has none.</summary>
    public PoolMeans? Means => Volatile.Read(ref _membership)?.Means;

    /// <summary>Makes it one of a pool, at its weight there.</summary>
    public void Join(PoolMeans means, double lnInverseWeight) => Volatile.Write(ref _membership, new Membership(means, lnInverseWeight));

    /// <inheritdoc/>
    public void Observe(in AttemptReport report)
    {
        ref readonly Outcome outcome = ref report.Outcome;
        bool isFailed = outcome.IsFailure || (outcome.Kind == OutcomeKind.Canceled && report.IsResponse);
        if (!report.IsCompletion)
        {
            if (outcome.Kind != OutcomeKind.Succeeded)
            {
                // The completion, which only knows how the body ended, will count it as an attempt.
                Interlocked.Decrement(ref _cell.Attempts);
            }

            if (isFailed)
            {
                Charge(0, report.Now);
            }

            return;
        }

        if (!report.IsResponse || outcome.Kind == OutcomeKind.Succeeded)
        {
            Interlocked.Increment(ref _cell.Attempts);
        }

        if (outcome.Bytes > 0)
        {
            Interlocked.Add(ref _cell.Bytes, outcome.Bytes);
        }

        if (isFailed)
        {
            Charge(outcome.Bytes, report.Now);
        }
        else if (outcome.Bytes > 0)
        {
            Take(outcome.Bytes, double.NegativeInfinity, report.Now);
        }
        else if (Means is { AttemptBytes: > 0 })
        {
            // It sends nothing, but what was sent before is to be forgotten.
            _refresh.Tick(report.Now);
        }
    }

    /// <summary>Counts a failed attempt as an ordinary one at least. While it is not known what that is, nothing was sent by anyone, and in-flight decides.</summary>
    private void Charge(long bytes, long now)
    {
        Membership? membership = Volatile.Read(ref _membership);
        double charge = Math.Max(bytes, membership?.Means.AttemptBytes ?? 0);
        if (charge > 0)
        {
            Take(charge, membership is null ? double.NegativeInfinity : membership.Means.Level - membership.LnInverseWeight, now);
        }
    }

    /// <summary>Adds bytes to the level, which is at least <paramref name="least"/> before.</summary>
    private void Take(double bytes, double least, long now)
    {
        double sample = LevelOf(bytes, now);
        double level = Level;
        while (true)
        {
            double before = Math.Max(level, least);
            double sum = Math.Max(before, sample) + Math.Log(1 + Math.Exp(-Math.Abs(before - sample)));
            double seen = Interlocked.CompareExchange(ref _cell.Level, sum, level);
            if (seen.Equals(level))
            {
                break;
            }

            level = seen;
        }

        _refresh.Tick(now);
    }

    private sealed record Membership(PoolMeans Means, double LnInverseWeight);

    /// <summary>Written by every attempt and read by every pick, so alone on its cache lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Cell
    {
        [FieldOffset(128)]
        public double Level;

        [FieldOffset(136)]
        public long Bytes;

        [FieldOffset(144)]
        public long Attempts;
    }
}
