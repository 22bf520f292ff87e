using System.Globalization;
using LoadBalancing.Client.Balancing;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client;

/// <summary>
/// Everything about a balancer that a change of configuration can change. Filled by the builder's steps, in order, at first and again on each reload: lists add up, of single values the last one counts.
/// </summary>
public sealed class BalancerOptions
{
    /// <summary>Longer waits are a mistake, and beyond what a timer can do.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private readonly Dictionary<Type, object> _features = [];
    private readonly Dictionary<object, object> _kept = [];
    private Dictionary<object, object>? _keptInForce;

    /// <summary>Options with the defaults.</summary>
    public BalancerOptions()
    {
    }

    /// <summary>Options that are to replace others.</summary>
    /// <param name="timeProvider">The balancer's clock.</param>
    /// <param name="inForce">The options that they replace, for <see cref="Keep"/>; <see langword="null"/> when they are the first.</param>
    internal BalancerOptions(TimeProvider timeProvider, BalancerOptions? inForce)
    {
        TimeProvider = timeProvider;
        _keptInForce = inForce?._kept;
    }

    /// <summary>How backends are chosen. The default value is <see cref="LeastRequestPolicy"/> with two choices.</summary>
    public LoadBalancingPolicy Policy { get; set; } = Defaults.Policy;

    /// <summary>Backends that are known from the start, in this order; ids are unique. The default value is empty.</summary>
    public IList<Backend> Backends { get; } = [];

    /// <summary>Where further backends come from. The same instance on a reload goes on watching. The default value is empty.</summary>
    public IList<IBackendSource> Sources { get; } = [];

    /// <summary>Whether <see cref="Backends"/> was given on purpose, so that an empty list is no mistake. The default value is <see langword="false"/>.</summary>
    public bool HasBackends { get; set; }

    /// <summary>
    /// When the tiers are not healthy enough together, a tier whose share of eligible backends is below this fails open: all of its backends are used. From 0 to 1.
    /// The default value is 0: only when nothing at all is eligible.
    /// </summary>
    public double PanicThreshold { get; set; }

    /// <summary>Whether to refuse requests instead of failing open. The default value is <see langword="false"/>.</summary>
    public bool FailClosed { get; set; }

    /// <summary>
    /// How many backends of each priority this client uses, at most; <see langword="null"/> for all that are listed. For services with hundreds of instances: each client then connects to, probes and remembers only its own few, chosen by
    /// chance, and stays with them. 1 or more; the default value is <see langword="null"/>.
    /// </summary>
    /// <remarks>
    /// The subset is taken of what discovery lists, whatever health says, by hashes of the ids with a seed that is drawn once per balancer, so a backend that comes or goes changes one place of it at most. Backends outside of it are not
    /// among <see cref="Balancer.Backends"/>; those that leave it are drained. Take 20 or more, so that enough are left when some fail. Source: gRPC's <c>random_subsetting</c> (gRFC A68), for each priority by itself.
    /// </remarks>
    public int? SubsetSize { get; set; }

    /// <summary>When the circuit of a backend opens and closes. On by default.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();

    /// <summary>How backends are asked whether they work. Off by default.</summary>
    public ActiveHealthCheckOptions ActiveHealthChecks { get; set; } = new();

    /// <summary>When backends are ejected that do worse than the others. Off by default.</summary>
    public OutlierDetectionOptions OutlierDetection { get; set; } = new();

    /// <summary>Whether traffic stays in the caller's own zone. Off by default.</summary>
    public ZoneAwareOptions ZoneAware { get; set; } = new();

    /// <summary>
    /// Where this process runs, for <see cref="ZoneAware"/>. The default value is unknown: then the environment variables <c>LOADBALANCING_REGION</c>, <c>LOADBALANCING_ZONE</c> and <c>LOADBALANCING_SUBZONE</c> say it,
    /// or, where none of these is set, <c>cloud.region</c> and <c>cloud.availability_zone</c> in <c>OTEL_RESOURCE_ATTRIBUTES</c>.
    /// </summary>
    public Locality Locality { get; set; }

    /// <summary>How a backend that becomes eligible is given its share of the traffic little by little. Off by default.</summary>
    public SlowStartOptions SlowStart { get; set; } = new();

    /// <summary>Where <see cref="Balancer.ServiceLevel"/> changes.</summary>
    public ServiceLevelOptions ServiceLevel { get; set; } = new();

    /// <summary>How long a pick waits for the first answer of discovery, and of probes where backends are not trusted before. Above 0, at most 1 day. The default value is 5 seconds.</summary>
    public TimeSpan FirstBackendsTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether metrics carry the address of the backend; switch it off for pools so large that this makes too many series. The default value is <see langword="true"/>.</summary>
    public bool RecordPeers { get; set; } = true;

    /// <summary>The paths of the configuration sections that have filled these options, to name them when something is missing.</summary>
    internal ICollection<string> SectionPaths { get; } = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The balancer's clock, for what steps create.</summary>
    internal TimeProvider TimeProvider { get; } = TimeProvider.System;

    /// <summary>The options of another part of the library or of an adapter, made at first use. For steps that fill these options.</summary>
    public T GetFeature<T>()
        where T : class, new()
    {
        if (!_features.TryGetValue(typeof(T), out object? feature))
        {
            _features.Add(typeof(T), feature = new T());
        }

        return (T)feature;
    }

    /// <summary>The options of another part, or <see langword="null"/> when nothing has asked for them. Changes nothing, so it is safe on options in force.</summary>
    public T? FindFeature<T>()
        where T : class => _features.TryGetValue(typeof(T), out object? feature) ? (T)feature : null;

    /// <summary>What an adapter's options say of all attempts; <see langword="null"/> when none does.</summary>
    internal IAttemptRules? FindAttemptRules() => _features.Values.OfType<IAttemptRules>().FirstOrDefault();

    /// <summary>
    /// For steps: makes an object that must stay the same one on every reload for as long as it is described the same way, such as a policy, whose pickers would lose their memory.
    /// </summary>
    /// <param name="description">Which object, and all that it was made from; compared by value with those of the options in force.</param>
    /// <param name="create">Makes it, when the options in force have none of this description.</param>
    internal T Keep<T>(object description, Func<T> create)
        where T : class
    {
        T value = _keptInForce is not null && _keptInForce.TryGetValue(description, out object? kept) ? (T)kept : create();
        _kept[description] = value;
        return value;
    }

    /// <summary>Tells those features that want to know that the options are in force.</summary>
    internal void TellFeatures(Balancer balancer, BalancerOptions? before)
    {
        foreach (IFeatureOptions feature in _features.Values.OfType<IFeatureOptions>())
        {
            feature.OnInForce(balancer, before);
        }
    }

    /// <summary>Ends the filling: all problems at once, or none.</summary>
    /// <exception cref="OptionsValidationException">A value is missing, or makes no sense.</exception>
    internal void Complete(string name)
    {
        // Each options object would hold on to the one before, and that to its own.
        _keptInForce = null;

        List<string> problems = [.. FindProblems(name)];
        if (problems.Count > 0)
        {
            throw new InvalidBalancerException(name, problems);
        }
    }

    private IEnumerable<string> FindProblems(string name)
    {
        if (Policy is null)
        {
            yield return $"Service '{name}': Policy must not be null.";
        }

        if (!(PanicThreshold >= 0 && PanicThreshold <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Service '{name}': PanicThreshold = {PanicThreshold}: must be from 0 to 1.");
        }

        if (SubsetSize < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Service '{name}': SubsetSize = {SubsetSize}: must be 1 or more, or null for all backends.");
        }

        if (FirstBackendsTimeout <= TimeSpan.Zero || FirstBackendsTimeout > LongestTimeout)
        {
            yield return $"Service '{name}': FirstBackendsTimeout = {FirstBackendsTimeout}: must be above 0 and at most {LongestTimeout}.";
        }

        if (Backends.Count == 0 && Sources.Count == 0 && !HasBackends)
        {
            yield return SectionPaths.Count > 0
                ? $"{string.Join(", ", SectionPaths)}: must have Backends, or Dns with Host and Port, since nothing in code adds backends to service '{name}' (AddBackends, AddSource, UseDns)"
                : $"Service '{name}' has no backends: add some (AddBackends, or \"Backends\" in its configuration section), or a source of them (AddSource, UseDns, or \"Dns\").";
        }

        IEnumerable<string>[] features =
        [
            CircuitBreaker.FindProblems(),
            ActiveHealthChecks.FindProblems(),
            OutlierDetection.FindProblems(),
            ZoneAware.FindProblems(),
            SlowStart.FindProblems(),
            ServiceLevel.FindProblems(),
            .. _features.Values.OfType<IFeatureOptions>().Select(feature => feature.FindProblems()),
        ];
        foreach (string problem in features.SelectMany(problems => problems))
        {
            yield return $"Service '{name}': {problem}.";
        }

        foreach (Backend backend in ActiveHealthChecks.Enabled ? Backends : [])
        {
            if (ActiveHealthChecks.FindObstacle(backend) is { } obstacle)
            {
                yield return $"Service '{name}': backend '{backend}' {obstacle}.";
            }
        }

        foreach (IGrouping<string, Backend> same in Backends.GroupBy(backend => backend.Id, StringComparer.Ordinal))
        {
            if (same.Skip(1).Any())
            {
                yield return $"Service '{name}': backend id '{same.Key}' is used more than once ({string.Join(", ", same.Select(backend => backend.Address))}); ids must be unique.";
            }
        }
    }

    private static class Defaults
    {
        /// <summary>One instance, so that a reload that names no policy keeps the one in use.</summary>
        public static readonly LoadBalancingPolicy Policy = new LeastRequestPolicy();
    }
}
