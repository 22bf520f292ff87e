using System.Diagnostics.Metrics;
using LoadBalancing.Client.Balancing;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client;

/// <summary>
/// Describes a balancer, step by step; later steps win. On its own (<see cref="Build"/>) for tests, tools and simple programs, or as the argument of <c>AddLoadBalancer</c> and <c>AddLoadBalancedHttpClient</c>.
/// Not thread safe.
/// </summary>
public sealed class BalancerBuilder
{
    private readonly List<Action<BalancerOptions>> _steps = [];
    private readonly List<Func<Action, IDisposable>> _changeSubscriptions = [];
    private TimeProvider? _timeProvider;
    private Random? _random;
    private ILoggerFactory? _loggers;
    private IMeterFactory? _meters;

    /// <summary>Begins to describe the balancer of a service.</summary>
    /// <param name="name">The service's name: in metrics, logs and, over HTTP, in the URIs that are balanced.</param>
    public BalancerBuilder(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>The service's name.</summary>
    public string Name { get; }

    /// <summary>Adds backends by address, for example <c>http://10.0.0.1:8080</c>.</summary>
    /// <exception cref="ArgumentException">An address is not an absolute http, https or tcp URI.</exception>
    public BalancerBuilder AddBackends(params string[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return AddBackends(Array.ConvertAll(addresses, address => new Backend(address)));
    }

    /// <summary>Adds backends.</summary>
    public BalancerBuilder AddBackends(params Backend[] backends)
    {
        ArgumentNullException.ThrowIfNull(backends);
        Backend[] copy = [.. backends];
        return Configure(options =>
        {
            options.HasBackends = true;
            foreach (Backend backend in copy)
            {
                options.Backends.Add(backend);
            }
        });
    }

    /// <summary>Adds a source of backends; what several sources name is put together.</summary>
    public BalancerBuilder AddSource(IBackendSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Configure(options => options.Sources.Add(source));
    }

    /// <summary>Sets the policy. The default is <see cref="LeastRequestPolicy"/> with two choices.</summary>
    public BalancerBuilder UsePolicy(LoadBalancingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Configure(options => options.Policy = policy);
    }

    /// <summary>Adds a step that fills the options. It runs when the balancer is built and again on every reload of configuration: it must do the same each time.</summary>
    public BalancerBuilder Configure(Action<BalancerOptions> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _steps.Add(step);
        return this;
    }

    /// <summary>Sets the clock. The default is <see cref="TimeProvider.System"/>.</summary>
    public BalancerBuilder UseTimeProvider(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timeProvider = timeProvider;
        return this;
    }

    /// <summary>Sets the source of randomness. The default is <see cref="Random.Shared"/>; any other is guarded by a lock.</summary>
    public BalancerBuilder UseRandom(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
        return this;
    }

    /// <summary>Sets where to log. The default is nowhere.</summary>
    public BalancerBuilder UseLoggerFactory(ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _loggers = loggerFactory;
        return this;
    }

    /// <summary>Sets what makes the meter, for example a container's. The default is a meter of the balancer's own.</summary>
    public BalancerBuilder UseMeterFactory(IMeterFactory meterFactory)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);
        _meters = meterFactory;
        return this;
    }

    /// <summary>Builds the balancer. Discovery starts at the first pick.</summary>
    /// <exception cref="InvalidOperationException">The description is incomplete or contradicts itself; the message names what is wrong.</exception>
    /// <exception cref="ArgumentException">The policy does not accept its options.</exception>
    public Balancer Build()
    {
        BalancerEnvironment environment = new(Name, _timeProvider, _random, _loggers, _meters);
        BalancerReloading reloading = new(environment, [.. _steps]);
        Balancer balancer = new(environment, reloading.CreateOptions());
        if (_changeSubscriptions.Count > 0)
        {
            reloading.Attach(balancer, _changeSubscriptions);
            balancer.OwnReloading(reloading);
        }

        return balancer;
    }

    /// <summary>Adds something that can say that the steps would now give other options.</summary>
    /// <param name="subscribe">Gets what to call on a change; returns what ends it.</param>
    internal BalancerBuilder ReloadOn(Func<Action, IDisposable> subscribe)
    {
        _changeSubscriptions.Add(subscribe);
        return this;
    }
}
