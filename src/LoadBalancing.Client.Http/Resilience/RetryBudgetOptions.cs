using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// How many retries there may be in relation to requests, over all clients of a service in this process: when every backend fails, retries are what keeps them from recovering. On by default.
/// </summary>
public sealed record RetryBudgetOptions
{
    internal const double HighestRatio = 10;

    /// <summary>Over how long requests and retries are compared.</summary>
    internal static TimeSpan Window { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether there is a limit. The default value is <see langword="true"/>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many retries there may be per request, over any 10 seconds; from 0 to 10. The default value is 0.2.</summary>
    public double Ratio { get; set; } = 0.2;

    /// <summary>How many more there may be in any 10 seconds, so that few requests are no reason to retry none; 0 or more. The default value is 100.</summary>
    public int MinRetries { get; set; } = 100;

    internal IEnumerable<string> FindProblems()
    {
        if (!(Ratio >= 0 && Ratio <= HighestRatio))
        {
            yield return Problem(nameof(Ratio), Ratio, string.Create(CultureInfo.InvariantCulture, $"must be from 0 to {HighestRatio}"));
        }

        if (MinRetries < 0)
        {
            yield return Problem(nameof(MinRetries), MinRetries, "must be 0 or more");
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"Retry:Budget:{key} = \"{value}\": {requirement}");
}
