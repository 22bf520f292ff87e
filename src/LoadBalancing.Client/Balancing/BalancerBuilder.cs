using System.Diagnostics.Metrics;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Balancing.Zones;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client;

/// <summary>
/// Describes a balancer, step by step: backends and sources add up; of single values, such as the policy, the last step's counts. On its own (<see cref="Build"/>) for tests, tools and simple programs, or as the argument of <c>AddLoadBalancer</c> and <c>AddLoadBalancedHttpClient</c>.
/// Not thread safe.
/// </summary>
public sealed class BalancerBuilder
{
    private readonly List<Action<BalancerOptions>> _steps = [];
    private readonly List<ChangeSource> _changeSources = [];
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

    /// <summary>The container that the balancer is built for, where extensions find what other packages have registered; <see langword="null"/> without one.</summary>
    internal IServiceProvider? Services { get; init; }

    /// <summary>Reads a variable of the environment.</summary>
    internal Func<string, string?> ReadVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Adds backends by address, for example <c>http://10.0.0.1:8080</c>. They add to those of other steps; ids (here <c>host:port</c>) must be unique over all of them.</summary>
    /// <param name="addresses">Absolute http, https or tcp URIs; <c>tcp</c> needs a port.</param>
    /// <exception cref="ArgumentException">An address is not an absolute http, https or tcp URI.</exception>
    public BalancerBuilder AddBackends(params string[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return AddBackends(Array.ConvertAll(addresses, address => new Backend(address)));
    }

    /// <summary>Adds backends to those of other steps; ids must be unique over all of them.</summary>
    /// <param name="backends">The backends, in the order that ordered policies use.</param>
    /// <exception cref="ArgumentNullException"><paramref name="backends"/> is <see langword="null"/>.</exception>
    public BalancerBuilder AddBackends(params Backend[] backends)
    {
        return AddBackends((IEnumerable<Backend>)backends);
    }

    /// <summary>Adds backends.</summary>
    public BalancerBuilder AddBackends(IEnumerable<Backend> backends)
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

    /// <summary>Adds the addresses that DNS has for a host as backends; looked up again and again.</summary>
    /// <param name="host">The name to look up. It also becomes the backends' <see cref="Backend.HostName"/>.</param>
    /// <param name="port">The port of every backend, from 1 to 65535.</param>
    /// <param name="scheme"><c>http</c>, <c>https</c> or <c>tcp</c>.</param>
    /// <exception cref="ArgumentException">An argument is none of that.</exception>
    public BalancerBuilder UseDns(string host, int port, string scheme = "http") => UseDns(new DnsOptions(host, port) { Scheme = scheme });

    /// <summary>Adds the addresses that DNS has for a host as backends; looked up again and again. On the balancer's clock (<see cref="UseTimeProvider"/>).</summary>
    public BalancerBuilder UseDns(DnsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        object step = new();
        return Configure(balancer => balancer.Sources.Add(balancer.Keep(step, () => new DnsBackendSource(options, balancer.TimeProvider))));
    }

    /// <summary>Sets the policy. The default is <see cref="LeastRequestPolicy"/> with two choices.</summary>
    public BalancerBuilder UsePolicy(LoadBalancingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Configure(options => options.Policy = policy);
    }

    /// <summary>Changes when circuits open and close; they are on by default. <c>breaker => breaker.Enabled = false</c> turns them off.</summary>
    public BalancerBuilder UseCircuitBreaker(Action<CircuitBreakerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(options => configure(options.CircuitBreaker));
    }

    /// <summary>Asks every backend, again and again, whether it works; off unless asked for. <c>probe => probe.Path = "/health"</c> asks for a path of its own.</summary>
    /// <param name="configure">Changes the options, which are turned on before.</param>
    public BalancerBuilder UseActiveHealthChecks(Action<ActiveHealthCheckOptions>? configure = null) =>
        Configure(options =>
        {
            options.ActiveHealthChecks.Enabled = true;
            configure?.Invoke(options.ActiveHealthChecks);
        });

    /// <summary>Turns outlier detection on: backends that do worse than the others are ejected for a while.</summary>
    /// <param name="configure">Changes when, and for how long; <see langword="null"/> leaves the defaults.</param>
    public BalancerBuilder UseOutlierDetection(Action<OutlierDetectionOptions>? configure = null)
    {
        return Configure(options =>
        {
            options.OutlierDetection.Enabled = true;
            configure?.Invoke(options.OutlierDetection);
        });
    }

    /// <summary>Keeps traffic in the caller's own zone, as far as the zone's share of the backends allows. Needs the backends' localities and the caller's (<see cref="UseLocality"/>, or the environment).</summary>
    public BalancerBuilder UseZoneAwareRouting(Action<ZoneAwareOptions>? configure = null)
    {
        return Configure(options =>
        {
            options.ZoneAware.Enabled = true;
            configure?.Invoke(options.ZoneAware);
        });
    }

    /// <summary>Says where this process runs. The default is what the environment says; see <see cref="BalancerOptions.Locality"/>.</summary>
    public BalancerBuilder UseLocality(Locality locality) => Configure(options => options.Locality = locality);

    /// <summary>Gives a backend that becomes eligible its share of the traffic little by little.</summary>
    public BalancerBuilder UseSlowStart(Action<SlowStartOptions>? configure = null)
    {
        return Configure(options =>
        {
            options.SlowStart.Enabled = true;
            configure?.Invoke(options.SlowStart);
        });
    }

    /// <summary>Changes where <see cref="Balancer.ServiceLevel"/> changes.</summary>
    public BalancerBuilder UseServiceLevel(Action<ServiceLevelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(options => configure(options.ServiceLevel));
    }

    /// <summary>Uses only so many backends of each priority: a part of those that are listed, chosen by chance, with which this client stays. For services with hundreds of instances. See <see cref="BalancerOptions.SubsetSize"/>.</summary>
    /// <param name="size">How many; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is below 1.</exception>
    public BalancerBuilder UseSubset(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Configure(options => options.SubsetSize = size);
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
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The description is incomplete or contradicts itself; the message names all that is wrong.</exception>
    /// <exception cref="ArgumentException">The policy does not accept its options; the message names service and policy.</exception>
    /// <exception cref="InvalidOperationException">The policy threw something else, for example because it cannot work with these backends; the message names service and policy.</exception>
    public Balancer Build() =>
        new BalancerReloading(
            new BalancerEnvironment(Name, _timeProvider, _random, _loggers, _meters) { Locality = Whereabouts.Read(ReadVariable) },
            _steps,
            _changeSources).Build();

    /// <summary>Adds something that can say that the steps would now give other options.</summary>
    internal BalancerBuilder ReloadOn(ChangeSource changes)
    {
        _changeSources.Add(changes);
        return this;
    }
}
