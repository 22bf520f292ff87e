namespace LoadBalancing.Client;

/// <summary>A service has become better or worse.</summary>
public sealed class ServiceLevelChangedEventArgs : EventArgs
{
    internal ServiceLevelChangedEventArgs(ServiceLevel from, ServiceLevel to, double eligibleShare)
    {
        From = from;
        To = to;
        EligibleShare = eligibleShare;
    }

    /// <summary>The level before.</summary>
    public ServiceLevel From { get; }

    /// <summary>The level now.</summary>
    public ServiceLevel To { get; }

    /// <summary>The share, by weight, that is eligible of all that nobody took out on purpose; from 0 to 1.</summary>
    public double EligibleShare { get; }
}
