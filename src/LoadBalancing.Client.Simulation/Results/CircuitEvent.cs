namespace LoadBalancing.Client.Simulation;

/// <summary>The circuit of a backend moved.</summary>
public sealed record CircuitEvent
{
    /// <summary>When.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whose balancer; from 0.</summary>
    public required int Client { get; init; }

    /// <summary>The backend's id.</summary>
    public required string Backend { get; init; }

    /// <summary>Its state before.</summary>
    public required CircuitState From { get; init; }

    /// <summary>Its state since.</summary>
    public required CircuitState To { get; init; }

    /// <summary>Why, for example <c>5 failures in a row</c>.</summary>
    public required string Cause { get; init; }
}
