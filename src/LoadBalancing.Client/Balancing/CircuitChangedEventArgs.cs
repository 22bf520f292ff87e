namespace LoadBalancing.Client;

/// <summary>The circuit breaker of one backend has moved from one state to another.</summary>
public sealed class CircuitChangedEventArgs : EventArgs
{
    internal CircuitChangedEventArgs(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration)
    {
        Backend = backend;
        From = from;
        To = to;
        Cause = cause;
        Break = duration;
    }

    /// <summary>The backend. Live: its circuit may have moved again.</summary>
    public BackendState Backend { get; }

    /// <summary>The state before.</summary>
    public CircuitState From { get; }

    /// <summary>The state now.</summary>
    public CircuitState To { get; }

    /// <summary>Why, for example <c>5 failures in a row</c>.</summary>
    public string Cause { get; }

    /// <summary>How long an open circuit stays open; <see langword="null"/> when it is not open now.</summary>
    public TimeSpan? Break { get; }
}
