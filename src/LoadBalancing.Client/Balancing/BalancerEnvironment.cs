using System.Diagnostics.Metrics;
using LoadBalancing.Client.Policies.Sampling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoadBalancing.Client.Balancing;

/// <summary>What a balancer gets from outside and keeps for life.</summary>
internal sealed class BalancerEnvironment
{
    private const string LogCategory = "LoadBalancing.Client.Balancer";

    public BalancerEnvironment(string name, TimeProvider? timeProvider, Random? random, ILoggerFactory? loggers, IMeterFactory? meters)
    {
        Name = name;
        TimeProvider = timeProvider ?? TimeProvider.System;
        Random = GuardedRandom.Guard(random ?? Random.Shared);
        Logger = loggers?.CreateLogger(LogCategory) ?? NullLogger.Instance;
        Meters = meters;
    }

    public string Name { get; }

    public TimeProvider TimeProvider { get; }

    /// <summary>Thread safe.</summary>
    public Random Random { get; }

    public ILogger Logger { get; }

    public IMeterFactory? Meters { get; }

    /// <summary>Where the process runs, as far as its environment says.</summary>
    public Locality Locality { get; init; }
}
