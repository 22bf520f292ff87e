using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>How one backend is at a time: the server, and what discovery says of it.</summary>
internal sealed record BackendSettings
{
    /// <summary>How long a request takes that succeeds.</summary>
    public required LatencyDistribution Latency { get; init; }

    /// <summary>The share of requests that fail, from 0 to 1.</summary>
    public double ErrorRate { get; init; }

    /// <summary>How long a request takes that fails, in seconds; <see langword="null"/> for as long as one that succeeds.</summary>
    public double? ErrorLatency { get; init; }

    /// <summary>Connections are refused.</summary>
    public bool IsDown { get; init; }

    /// <summary>It accepts everything and does nothing, as a stopped process does; when that is over, it goes on.</summary>
    public bool Hangs { get; init; }

    /// <summary>How many requests it works on at a time; the others queue. 0 is no limit.</summary>
    public int Concurrency { get; init; }

    /// <summary>Nobody there looks whether a request was given up: it keeps its place, and is worked on to its end.</summary>
    public bool IgnoresCancellation { get; init; }

    /// <summary>What discovery says.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Discovery does not list it.</summary>
    public bool IsRemoved { get; init; }
}
