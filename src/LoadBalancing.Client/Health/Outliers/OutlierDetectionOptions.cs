using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// When a backend is ejected because it does worse than the others, and for how long. Off by default. It compares what this process sees, so it needs traffic, and a pool: at least one backend of each tier may always be ejected, and never more than
/// <see cref="MaxEjectionPercent"/> of it. Sources: Envoy's outlier detection, gRFC A50.
/// </summary>
/// <remarks>Value equality includes <see cref="SuccessRate"/> and <see cref="FailurePercentage"/>. Not thread safe while it is being filled.</remarks>
public sealed record OutlierDetectionOptions
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestEjection = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Whether backends are ejected at all. The default value is <see langword="false"/>; <see cref="BalancerBuilder.UseOutlierDetection"/> sets it.</summary>
    public bool Enabled { get; set; }

    /// <summary>How many failures in a row eject a backend, at once; 0 or more, and 0 turns this off. The default value is 5.</summary>
    public int ConsecutiveFailures { get; set; } = 5;

    /// <summary>How often backends are compared: the length of the intervals that <see cref="SuccessRate"/> and <see cref="FailurePercentage"/> look at. From 100 ms to 1 day. The default value is 10 seconds.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a backend stays out the first time; the second time twice as long, the third time three times, up to <see cref="MaxEjectionTime"/>. From 1 ms to that. The default value is 30 seconds.</summary>
    /// <remarks>A whole <see cref="Interval"/> in which it is not ejected takes one time off the count.</remarks>
    public TimeSpan BaseEjectionTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest ejection, but for the jitter; at most 1 day. The default value is 300 seconds.</summary>
    public TimeSpan MaxEjectionTime { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>By how much an ejection may be longer, at random, so that backends do not return together; from 0 to 1 day. It comes on top, also of <see cref="MaxEjectionTime"/>. The default value is 3 seconds.</summary>
    public TimeSpan MaxEjectionTimeJitter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How much of a priority tier may be ejected at a time; whole per cent from 0 to 100, rounded down to whole backends, but always at least one backend. The default value is 50.
    /// </summary>
    /// <remarks>Backends that are drained, isolated or of weight 0 are not ejected, and the tier is counted without them.</remarks>
    public int MaxEjectionPercent { get; set; } = 50;

    /// <summary>Ejects those whose success rate is far below the others'. On by default.</summary>
    public SuccessRateEjectionOptions SuccessRate { get; private init; } = new();

    /// <summary>Ejects those that fail too often, whatever the others do. Off by default.</summary>
    public FailurePercentageEjectionOptions FailurePercentage { get; private init; } = new();

    /// <summary>Options that later changes to these do not reach.</summary>
    internal OutlierDetectionOptions Copy() => this with { SuccessRate = SuccessRate with { }, FailurePercentage = FailurePercentage with { } };

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (ConsecutiveFailures < 0)
        {
            yield return Problem(nameof(ConsecutiveFailures), ConsecutiveFailures, "must be 0 or more");
        }

        if (Interval < ShortestInterval || Interval > Longest)
        {
            yield return Problem(nameof(Interval), Interval, $"must be from {ShortestInterval} to {Longest}");
        }

        if (BaseEjectionTime < ShortestEjection || BaseEjectionTime > MaxEjectionTime)
        {
            yield return Problem(nameof(BaseEjectionTime), BaseEjectionTime, $"must be from {ShortestEjection} to MaxEjectionTime, which is {MaxEjectionTime}");
        }

        if (MaxEjectionTime > Longest)
        {
            yield return Problem(nameof(MaxEjectionTime), MaxEjectionTime, $"must be at most {Longest}");
        }

        if (MaxEjectionTimeJitter < TimeSpan.Zero || MaxEjectionTimeJitter > Longest)
        {
            yield return Problem(nameof(MaxEjectionTimeJitter), MaxEjectionTimeJitter, $"must be from {TimeSpan.Zero} to {Longest}");
        }

        if (MaxEjectionPercent is < 0 or > 100)
        {
            yield return Problem(nameof(MaxEjectionPercent), MaxEjectionPercent, "must be from 0 to 100");
        }

        foreach ((string key, object value, string requirement) in SuccessRate.FindProblems())
        {
            yield return Problem($"{nameof(SuccessRate)}:{key}", value, requirement);
        }

        foreach ((string key, object value, string requirement) in FailurePercentage.FindProblems())
        {
            yield return Problem($"{nameof(FailurePercentage)}:{key}", value, requirement);
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"OutlierDetection:{key} = \"{value}\": {requirement}");
}
