using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Load;

/// <summary>Failures in a row, and what one is worth where latency is measured: a backend that fails fast must not look fast, and one stray failure must not starve a healthy one.</summary>
internal struct FailureStreak
{
    /// <summary>The least latency that a failure stands for.</summary>
    public const double PenaltySeconds = 5;

    /// <summary>From this many in a row on, failures are what the backend does.</summary>
    public const int Serious = 3;

    private int _count;

    /// <summary>Whether the last attempts have failed often enough to say so.</summary>
    public readonly bool IsSerious => Volatile.Read(in _count) >= Serious;

    /// <summary>Counts a failure.</summary>
    /// <returns>Whether it is a serious one.</returns>
    public bool Fail() => IsSerious || Interlocked.Increment(ref _count) >= Serious;

    /// <summary>Ends the streak. Writes only if there is one: a healthy backend's line stays as it is.</summary>
    public void Succeed()
    {
        if (Volatile.Read(ref _count) != 0)
        {
            Volatile.Write(ref _count, 0);
        }
    }

    /// <summary>The latency that a failure stands for, in seconds. One that came after the headers took as long as the body did, which is nobody's latency.</summary>
    public static double Penalty(in AttemptReport report) =>
        report.IsResponse ? Math.Max(report.Latency.TotalSeconds, PenaltySeconds) : PenaltySeconds;
}
