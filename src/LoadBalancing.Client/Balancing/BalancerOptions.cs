namespace LoadBalancing.Client;

/// <summary>
/// Everything about a balancer that a change of configuration can change. Filled by the builder's steps, in order, at first and again on each reload; later steps win.
/// </summary>
public sealed class BalancerOptions
{
    private readonly Dictionary<Type, object> _features = [];

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

    /// <summary>How long a pick waits for the first answer of discovery. Above 0. The default value is 5 seconds.</summary>
    public TimeSpan FirstBackendsTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether metrics carry the address of the backend; switch it off for pools so large that this makes too many series. The default value is <see langword="true"/>.</summary>
    public bool RecordPeers { get; set; } = true;

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

    internal void Validate(string name)
    {
        if (Policy is null)
        {
            throw new InvalidOperationException($"Service '{name}': Policy must not be null.");
        }

        if (!(PanicThreshold >= 0 && PanicThreshold <= 1))
        {
            throw new InvalidOperationException($"Service '{name}': PanicThreshold = {PanicThreshold}: must be from 0 to 1.");
        }

        if (FirstBackendsTimeout <= TimeSpan.Zero)
        {
            throw new InvalidOperationException($"Service '{name}': FirstBackendsTimeout = {FirstBackendsTimeout}: must be above 0.");
        }

        if (Backends.Count == 0 && Sources.Count == 0 && !HasBackends)
        {
            throw new InvalidOperationException($"Service '{name}' has no backends: add some (AddBackends, or \"Backends\" in its configuration section), or a source of them (AddSource, UseDns, or \"Dns\").");
        }

        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (Backend backend in Backends)
        {
            if (!ids.Add(backend.Id))
            {
                throw new InvalidOperationException($"Service '{name}': backend id '{backend.Id}' is used more than once; ids must be unique.");
            }
        }
    }

    private static class Defaults
    {
        /// <summary>One instance, so that a reload that names no policy keeps the one in use.</summary>
        public static readonly LoadBalancingPolicy Policy = new LeastRequestPolicy();
    }
}
