namespace LoadBalancing.Client;

/// <summary>One flag of one backend was set or cleared.</summary>
public sealed class AvailabilityChangedEventArgs : EventArgs
{
    internal AvailabilityChangedEventArgs(BackendState backend, Unavailability flag, bool isSet, string? cause, Unavailability unavailability)
    {
        Backend = backend;
        Flag = flag;
        IsSet = isSet;
        Cause = cause;
        Unavailability = unavailability;
    }

    /// <summary>The backend. Live: it may have changed again.</summary>
    public BackendState Backend { get; }

    /// <summary>The flag.</summary>
    public Unavailability Flag { get; }

    /// <summary>Whether it was set; else it was cleared.</summary>
    public bool IsSet { get; }

    /// <summary>Why it was set, for example <c>5 failures in a row</c>; <see langword="null"/> when it was cleared.</summary>
    public string? Cause { get; }

    /// <summary>All flags after the change.</summary>
    public Unavailability Unavailability { get; }
}
