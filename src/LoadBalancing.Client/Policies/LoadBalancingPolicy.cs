using LoadBalancing.Client.Backends;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoadBalancing.Client;

/// <summary>
/// How backends are chosen: a configuration ("least_request, 2 choices"), immutable once in use, which may be shared by any number of balancers.
/// Derive from it, from <see cref="PickerFactory"/> and from <see cref="Picker"/> to add a policy of your own.
/// </summary>
public abstract class LoadBalancingPolicy
{
    /// <summary>The name in configuration, logs and metrics, for example <c>least_request</c>.</summary>
    public abstract string Name { get; }

    /// <summary>How it decides, in a few words, for explanations and logs. The default is empty.</summary>
    public virtual string Description => "";

    /// <summary>Makes the part that lives as long as one balancer uses the policy. Called once per balancer; throws <see cref="ArgumentException"/> on options that make no sense.</summary>
    public abstract PickerFactory CreateFactory(PolicyContext context);
}

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

/// <summary>The part of a policy that lives as long as the balancer: holds what outlives a rebuild, such as a round-robin position.</summary>
public abstract class PickerFactory
{
    /// <summary>
    /// Builds a picker over one snapshot. Called under the balancer's writer lock, once per change and pool (a priority tier is a pool of its own); it must not block.
    /// Pick from <see cref="BackendSet.Eligible"/>; a policy whose tables must not move when a backend flaps may look at all.
    /// </summary>
    public abstract Picker CreatePicker(BackendSet backends);

    /// <summary>Whether picks depend on <see cref="PickRequest.Hash"/>; one without it is then marked <see cref="PickReasons.NoHash"/>. The default value is <see langword="false"/>.</summary>
    public virtual bool UsesHash => false;

    /// <summary>Makes per-backend memory that hears of every attempt, e.g. a latency average; <see langword="null"/> for none. Called once per backend.</summary>
    public virtual IBackendObserver? CreateObserver(BackendState backend) => null;
}

/// <summary>Chooses among the backends of one snapshot. Immutable, or safe for any number of threads; never blocks, allocates or loops without a bound.</summary>
public abstract class Picker
{
    /// <summary>
    /// Chooses a backend, or returns <see langword="null"/> when there is none. Should avoid <see cref="PickRequest.Excluded"/> while another is left;
    /// whatever it returns, the balancer itself makes sure of that, at the price of a second pick.
    /// </summary>
    public abstract BackendState? Pick(in PickRequest request);

    /// <summary>Says in a few words how <paramref name="backend"/> stands with this picker now, for example <c>load 3 (2 choices)</c>; <see langword="null"/> for nothing to say. Changes nothing.</summary>
    public virtual string? Describe(in PickRequest request, BackendState backend) => null;
}
