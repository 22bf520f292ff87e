using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoadBalancing.Client;

/// <summary>What a policy gets from its balancer.</summary>
public sealed class PolicyContext
{
    /// <summary>A context with this randomness and time.</summary>
    /// <param name="random">Thread safe: <see cref="System.Random.Shared"/>, or guarded. Used for every random decision.</param>
    /// <param name="timeProvider">Used for every reading of time.</param>
    /// <param name="serviceName">The balancer's name. The default value is empty.</param>
    /// <param name="logger">Where to say what is worth saying. The default value is nowhere.</param>
    public PolicyContext(Random random, TimeProvider timeProvider, string serviceName = "", ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(timeProvider);
        Random = random;
        TimeProvider = timeProvider;
        ServiceName = serviceName;
        Logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The only source of randomness; thread safe.</summary>
    public Random Random { get; }

    /// <summary>The only clock.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The name of the balancer.</summary>
    public string ServiceName { get; }

    /// <summary>The balancer's logger.</summary>
    public ILogger Logger { get; }
}
