using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Balancing;

/// <summary>Makes options from the builder's steps, and makes them again when configuration changes: applied as a whole, or, with bad values, not at all.</summary>
/// <remarks>
/// Notices of a change come more often than changes: a file watcher fires twice for one write, and a notice is about the whole configuration, not about one section.
/// So each source of notices can tell what it now reads; as long as that is what was tried last, or what is in force, a notice is passed over.
/// </remarks>
internal sealed class BalancerReloading : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BalancerEnvironment _environment;
    private readonly Action<BalancerOptions>[] _steps;
    private readonly ChangeSource[] _changeSources;
    private readonly List<IDisposable> _subscriptions = [];
    private Balancer? _balancer;
    private string[] _lastTried = [];
    private string[] _inForce = [];

    public BalancerReloading(BalancerEnvironment environment, IEnumerable<Action<BalancerOptions>> steps, IEnumerable<ChangeSource> changeSources)
    {
        _environment = environment;
        _steps = [.. steps];
        _changeSources = [.. changeSources];
    }

    /// <summary>Builds the balancer and keeps it up to date until it is disposed.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A value is missing, or makes no sense.</exception>
    /// <exception cref="ArgumentException">The policy does not accept its options.</exception>
    /// <exception cref="InvalidOperationException">The policy cannot work with the backends.</exception>
    public Balancer Build()
    {
        // Read first, and looked at again below: what changes while this runs is not missed.
        _lastTried = _inForce = ReadTexts();
        _balancer = PutInForce(CreateOptions());
        if (_changeSources.Length > 0)
        {
            _balancer.OwnReloading(this);
            _subscriptions.AddRange(_changeSources.Select(source => source.Subscribe(Reload)));
            Reload();
        }

        return _balancer;
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

    private BalancerOptions CreateOptions()
    {
        BalancerOptions options = new(_environment.TimeProvider, _balancer?.Options);
        foreach (Action<BalancerOptions> step in _steps)
        {
            step(options);
        }

        options.Complete(_environment.Name);
        return options;
    }

    private void Reload()
    {
        lock (_gate)
        {
            string[] texts = ReadTexts();
            if (texts.AsSpan().SequenceEqual(_lastTried))
            {
                return;
            }

            _lastTried = texts;
            if (texts.AsSpan().SequenceEqual(_inForce))
            {
                return;
            }

            try
            {
                BalancerOptions options = CreateOptions();
                PutInForce(options);
                _inForce = texts;
                Log.ConfigurationApplied(_environment.Logger, _environment.Name, options.Policy.Name);
            }
#pragma warning disable CA1031 // Whatever is wrong with a change, what ran keeps running.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ConfigurationRefused(_environment.Logger, _environment.Name, exception.Message);
            }
        }
    }

    private Balancer PutInForce(BalancerOptions options)
    {
        BalancerOptions? before = _balancer?.Options;
        Balancer balancer = BuildOrApply(options);
        options.TellFeatures(balancer, before);
        return balancer;
    }

    /// <summary>Makes a balancer of the first options, and gives it all later ones. A policy, which is asked for its pickers now, does not know where it is used: what it throws gets the names of service and policy.</summary>
    private Balancer BuildOrApply(BalancerOptions options)
    {
        try
        {
            if (_balancer is null)
            {
                return new Balancer(_environment, options);
            }

            _balancer.Apply(options);
            return _balancer;
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(Describe(options, exception.Message), exception);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(Describe(options, $"{exception.GetType().Name}: {exception.Message}"), exception);
        }
    }

    private string Describe(BalancerOptions options, string problem) => $"Service '{_environment.Name}' with policy '{options.Policy.Name}' cannot be built: {problem}";

    private string[] ReadTexts() => Array.ConvertAll(_changeSources, source => source.ReadText());
}
