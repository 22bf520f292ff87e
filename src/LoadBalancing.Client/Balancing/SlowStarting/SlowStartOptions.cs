using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// How a backend that becomes eligible is given its share of the traffic: little by little, for it may have cold caches and code that is not compiled yet. Off by default.
/// Its effective weight is weight × max(<see cref="MinWeight"/>, (time / <see cref="Window"/>)^(1 / <see cref="Aggression"/>)). Source: Envoy, slow start mode.
/// </summary>
public sealed record SlowStartOptions
{
    internal const double LeastMinWeight = 0.001;
    internal const double LeastAggression = 0.01;
    internal const double MostAggression = 100;

    internal static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    /// <summary>Whether there is a slow start. The default value is <see langword="false"/>.</summary>
    public bool Enabled { get; set; }

    /// <summary>How long it takes until a backend has its whole weight; from 1 second to 1 day. The default value is 30 seconds.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How the weight grows: evenly with 1, faster at first with more, slower at first with less; from 0.01 to 100. The default value is 1.</summary>
    public double Aggression { get; set; } = 1;

    /// <summary>The share of its weight that a backend has at least; from 0.001 to 1. The default value is 0.1.</summary>
    public double MinWeight { get; set; } = 0.1;

    /// <summary>The share of its weight that a backend has after this time.</summary>
    internal double ShareAfter(TimeSpan elapsed) => elapsed >= Window ? 1 : Math.Clamp(Math.Pow(elapsed / Window, 1 / Aggression), MinWeight, 1);

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (Window < ShortestWindow || Window > LongestWindow)
        {
            yield return Problem(nameof(Window), Window, $"must be from {ShortestWindow} to {LongestWindow}");
        }

        if (!(Aggression >= LeastAggression && Aggression <= MostAggression))
        {
            yield return Problem(nameof(Aggression), Aggression, "must be from 0.01 to 100");
        }

        if (!(MinWeight >= LeastMinWeight && MinWeight <= 1))
        {
            yield return Problem(nameof(MinWeight), MinWeight, "must be from 0.001 to 1");
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"SlowStart:{key} = \"{value}\": {requirement}");
}
