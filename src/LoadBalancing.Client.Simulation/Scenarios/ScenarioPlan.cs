using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>All that a scenario says.</summary>
internal sealed record ScenarioPlan
{
    /// <summary>How long callers wait where a scenario does not say it, in seconds.</summary>
    public const double DefaultTimeout = 10;

    /// <summary>What it is called. The default value is the file's name.</summary>
    public required string Name { get; init; }

    /// <summary>One line that says what to look for; <see langword="null"/> when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>The seed of all that is random. The same seed gives the same numbers to the last digit. The default value is 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The file, as messages show it.</summary>
    public required string File { get; init; }

    /// <summary>For how long requests arrive, in seconds.</summary>
    public required double Duration { get; init; }

    /// <summary>Requests that arrive before this are not counted. Part of the duration.</summary>
    public double WarmUp { get; init; }

    /// <summary>How many processes, each with a balancer of its own, share the traffic; each request is that of one of them, drawn at random.</summary>
    public int Clients { get; init; } = 1;

    /// <summary>Where the clients are, in turn; empty for where the balancer's configuration says.</summary>
    public IReadOnlyList<Locality> ClientLocalities { get; init; } = [];

    public required ArrivalPlan Arrivals { get; init; }

    /// <summary>The keys of requests; <see langword="null"/> when they have none.</summary>
    public KeyPlan? Keys { get; init; }

    /// <summary>What a response weighs.</summary>
    public long ResponseBytes { get; init; } = 1024;

    /// <summary>A request that is not answered within this time is no success; in seconds.</summary>
    public required double Timeout { get; init; }

    /// <summary>Whether the caller gives up then.</summary>
    public bool CancelOnTimeout { get; init; } = true;

    /// <summary>How often a request is tried in all; <see langword="null"/> for as often as the balancer's section <c>Retry</c> says, or once where there is none.</summary>
    public int? Attempts { get; init; }

    public required BalancerSection Balancer { get; init; }

    /// <summary>The policies that it is played with when nobody asks for others, as the command line has them; the default value is that of <see cref="Balancer"/>.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    public required IReadOnlyList<BackendGroup> Groups { get; init; }
}
