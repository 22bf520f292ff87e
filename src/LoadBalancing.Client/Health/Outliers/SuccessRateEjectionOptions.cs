namespace LoadBalancing.Client;

/// <summary>
/// When a backend is ejected because fewer of its attempts succeed than of the others': below the mean of the backends' success rates by more than <see cref="StdevFactor"/> times their standard deviation.
/// </summary>
public sealed record SuccessRateEjectionOptions
{
    /// <summary>Whether success rates are compared. The default value is <see langword="true"/>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many (population) standard deviations below the mean is too far; from 0 to 100. The default value is 1.9.</summary>
    public double StdevFactor { get; set; } = 1.9;

    /// <summary>With fewer backends than these that had <see cref="RequestVolume"/> attempts in the interval, nothing is compared; 1 or more. The default value is 5.</summary>
    public int MinimumHosts { get; set; } = 5;

    /// <summary>A backend with fewer attempts than these in the interval is neither judged nor part of the mean; 1 or more. The default value is 100.</summary>
    public int RequestVolume { get; set; } = 100;

    internal IEnumerable<(string Key, object Value, string Requirement)> FindProblems()
    {
        if (!(StdevFactor >= 0 && StdevFactor <= 100))
        {
            yield return (nameof(StdevFactor), StdevFactor, "must be from 0 to 100");
        }

        if (MinimumHosts < 1)
        {
            yield return (nameof(MinimumHosts), MinimumHosts, "must be 1 or more");
        }

        if (RequestVolume < 1)
        {
            yield return (nameof(RequestVolume), RequestVolume, "must be 1 or more");
        }
    }
}
