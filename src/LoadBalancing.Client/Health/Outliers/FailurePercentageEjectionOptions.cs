namespace LoadBalancing.Client;

/// <summary>When a backend is ejected because so many of its attempts fail, whatever the others do.</summary>
public sealed record FailurePercentageEjectionOptions
{
    /// <summary>Whether failures are looked at this way. The default value is <see langword="false"/>.</summary>
    public bool Enabled { get; set; }

    /// <summary>The share of failures among the attempts of an interval that ejects, in whole per cent from 1 to 100. The default value is 85: that many or more.</summary>
    public int Threshold { get; set; } = 85;

    /// <summary>With fewer backends than these that had <see cref="RequestVolume"/> attempts in the interval, nobody is judged; 1 or more. The default value is 5.</summary>
    public int MinimumHosts { get; set; } = 5;

    /// <summary>A backend with fewer attempts than these in the interval is not judged; 1 or more. The default value is 50.</summary>
    public int RequestVolume { get; set; } = 50;

    internal IEnumerable<(string Key, object Value, string Requirement)> FindProblems()
    {
        if (Threshold is < 1 or > 100)
        {
            yield return (nameof(Threshold), Threshold, "must be from 1 to 100");
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
