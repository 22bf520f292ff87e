using System.Runtime.InteropServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Load;

/// <summary>
/// A moving average of a backend's latency that believes bad news at once and good news slowly: a higher sample replaces it, otherwise it decays by exp(−Δt/τ) down to the lower samples.
/// All members are thread safe; nothing allocates. Source: Twitter's Finagle, <c>PeakEwma</c> (2014).
/// </summary>
/// <remarks>
/// The one value kept is ln(average) + t/τ. It stands still while the average decays, so "now" cancels when two backends are compared, and a sample matters exactly if it is above the value:
/// one compare-and-swap, or nothing to write. A failure counts as at least 5 s but is blended in by the time since the last sample, and raises the average by half at most;
/// from the third in a row on it replaces. A cancellation says that the latency is at least the time that had passed.
/// </remarks>
public sealed class PeakEwma : IBackendObserver
{
    private const double ShortestSeconds = 1e-9;

    private static readonly double LnPenalty = Math.Log(FailureStreak.PenaltySeconds);

    /// <summary>Half more, as a logarithm: at τ = 10 s forgotten after 4 s, so a stray failure costs less than half of the requests of 10 s even where the slightest difference decides.</summary>
    private static readonly double MostStrayRaise = Math.Log(1.5);

    private readonly TimeProvider _timeProvider;
    private readonly double _decaysPerTick;
    private Cell _cell = new() { Level = double.NegativeInfinity };

    /// <summary>An average without a sample.</summary>
    /// <param name="timeProvider">The clock of the balancer.</param>
    /// <param name="decay">τ: the time in which what was decays to 37 %; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="decay"/> is 0 or less.</exception>
    public PeakEwma(TimeProvider timeProvider, TimeSpan decay)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(decay, TimeSpan.Zero);
        _timeProvider = timeProvider;
        _decaysPerTick = 1 / (decay.TotalSeconds * timeProvider.TimestampFrequency);
    }

    /// <summary>Whether there is an average: an attempt has succeeded, or was canceled after some time, or three in a row have failed.</summary>
    public bool HasSample => !double.IsNegativeInfinity(Level);

    /// <summary>The average in seconds, decayed up to now (reads the clock); 0 when there is none.</summary>
    public double Seconds => Math.Exp(Level - Decays(_timeProvider.GetTimestamp()));

    /// <summary>ln(average in seconds) + t/τ: in the order of the averages at any one time; negative infinity when there is none.</summary>
    internal double Level => Volatile.Read(ref _cell.Level);

    /// <inheritdoc/>
    public void Observe(in AttemptReport report)
    {
        switch (report.Outcome.Kind)
        {
            case OutcomeKind.Succeeded when report.IsResponse:
                _cell.Failures.Succeed();
                double now = Decays(report.Now);
                RaiseTo(report.Latency.TotalSeconds, now);
                Volatile.Write(ref _cell.LastSample, now);
                break;
            case OutcomeKind.Failed or OutcomeKind.ConnectFailed:
                TakeFailure(report, Decays(report.Now));
                break;
            case OutcomeKind.Canceled when report.IsResponse:
                RaiseTo(report.Latency.TotalSeconds, Decays(report.Now));
                break;
        }
    }

    private double Decays(long timestamp) => timestamp * _decaysPerTick;

    private void RaiseTo(double seconds, double now)
    {
        double candidate = Math.Log(Math.Max(seconds, ShortestSeconds)) + now;
        double level = Level;
        while (candidate > level)
        {
            double seen = Interlocked.CompareExchange(ref _cell.Level, candidate, level);
            if (seen.Equals(level))
            {
                return;
            }

            level = seen;
        }
    }

    private void TakeFailure(in AttemptReport report, double now)
    {
        if (_cell.Failures.Fail())
        {
            RaiseTo(FailureStreak.Penalty(report), now);
        }
        else
        {
            Blend(report.IsResponse ? Math.Log(FailureStreak.Penalty(report)) : LnPenalty, now);
        }

        Volatile.Write(ref _cell.LastSample, now);
    }

    /// <summary>Moves the average toward a sample as an ordinary moving average would, within bounds. Without an average there is nothing to protect, and nothing to say yet.</summary>
    private void Blend(double lnSample, double now)
    {
        double level = Level;
        double share = 1 - Math.Exp(Math.Min(0, Volatile.Read(ref _cell.LastSample) - now));
        while (level < lnSample + now && !double.IsNegativeInfinity(level))
        {
            double ratio = Math.Min(Math.Exp(lnSample + now - level), double.MaxValue);
            double raised = level + Math.Min(Math.Log(1 + ((ratio - 1) * share)), MostStrayRaise);
            double seen = Interlocked.CompareExchange(ref _cell.Level, raised, level);
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

        /// <summary>When the last sample came, in decays.</summary>
        [FieldOffset(136)]
        public double LastSample;

        [FieldOffset(144)]
        public FailureStreak Failures;
    }
}
