using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// When a request that takes long is sent to a second backend as well, while the first is still at it: the first good answer is the caller's, the other attempt is canceled. Off by default. Only requests that may be sent again (see
/// <see cref="RetryOptions"/>), only asynchronous ones, and only as far as <see cref="RetryOptions.Budget"/> goes.
/// </summary>
/// <remarks>"The Tail at Scale" (J. Dean, L. A. Barroso, 2013) calls these hedged requests.</remarks>
public sealed record HedgingOptions
{
    /// <summary>The bounds that configuration and code share.</summary>
    internal const int MostHedges = 3;
    internal const double LeastPercentile = 0.5;
    internal const double MostPercentile = 0.999;
    internal static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private const double DefaultPercentile = 0.95;

    /// <summary>Whether requests are hedged. The default value is <see langword="false"/>.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// How long to wait for an answer before another backend is asked too; from 1 ms to 1 day. With a <see cref="Percentile"/>, this is only used until there are <see cref="MinSamples"/>.
    /// The default value is <see langword="null"/>: the percentile decides.
    /// </summary>
    public TimeSpan? Delay { get; set; }

    /// <summary>
    /// Waits until an answer takes longer than this share of the answers of the last 30 seconds: 0.95 hedges about one request in twenty, the slowest. From 0.5 to 0.999. The default value is <see langword="null"/>, which is 0.95,
    /// or, where <see cref="Delay"/> is set, nothing. What is timed are the first attempts of all requests that may be hedged, to their response headers.
    /// </summary>
    public double? Percentile { get; set; }

    /// <summary>How many answers of the last 30 seconds it takes for a percentile to mean something; 1 or more. With fewer, <see cref="Delay"/> decides, and without one nothing is hedged. The default value is 100.</summary>
    public int MinSamples { get; set; } = 100;

    /// <summary>How many more backends are asked, one after the other, each after the same time again; from 1 to 3. The default value is 1.</summary>
    public int MaxHedges { get; set; } = 1;

    /// <summary>The percentile that decides; <see langword="null"/> when none does.</summary>
    internal double? PercentileInForce => Percentile ?? (Delay is null ? DefaultPercentile : null);

    internal IEnumerable<string> FindProblems()
    {
        if (Delay is { } delay && (delay < ShortestDelay || delay > LongestDelay))
        {
            yield return Problem(nameof(Delay), delay, $"must be from {ShortestDelay} to {LongestDelay}");
        }

        if (Percentile is { } percentile && !(percentile >= LeastPercentile && percentile <= MostPercentile))
        {
            yield return Problem(nameof(Percentile), percentile, string.Create(CultureInfo.InvariantCulture, $"must be from {LeastPercentile} to {MostPercentile}"));
        }

        if (MinSamples < 1)
        {
            yield return Problem(nameof(MinSamples), MinSamples, "must be 1 or more");
        }

        if (MaxHedges is < 1 or > MostHedges)
        {
            yield return Problem(nameof(MaxHedges), MaxHedges, $"must be from 1 to {MostHedges}");
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"Hedging:{key} = \"{value}\": {requirement}");
}
