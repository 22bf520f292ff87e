namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>What random numbers are for. Requests arrive at the same times, with the same keys, whatever the policy does; and what probes draw changes nothing for requests.</summary>
internal enum RandomPurpose
{
    /// <summary>When requests arrive.</summary>
    Arrivals = 1,

    /// <summary>Which client a request belongs to.</summary>
    Clients,

    /// <summary>Which key a request has.</summary>
    Keys,

    /// <summary>How long a server takes, and whether it fails.</summary>
    Service,

    /// <summary>The same for probes.</summary>
    Probes,

    /// <summary>What a balancer decides at random.</summary>
    Balancer,
}
