using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Balancing;

/// <summary>Makes options from the builder's steps, and makes them again when configuration changes: applied as a whole, or, with bad values, not at all.</summary>
internal sealed class BalancerReloading(BalancerEnvironment environment, Action<BalancerOptions>[] steps) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _subscriptions = [];
    private Balancer? _balancer;

    /// <exception cref="InvalidOperationException">A value is missing, or makes no sense.</exception>
    public BalancerOptions CreateOptions()
    {
        BalancerOptions options = new();
        foreach (Action<BalancerOptions> step in steps)
        {
            step(options);
        }

        options.Validate(environment.Name);
        return options;
    }

    public void Attach(Balancer balancer, IEnumerable<Func<Action, IDisposable>> subscriptions)
    {
        _balancer = balancer;
        foreach (Func<Action, IDisposable> subscribe in subscriptions)
        {
            _subscriptions.Add(subscribe(Reload));
        }
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

    private void Reload()
    {
        lock (_gate)
        {
            try
            {
                BalancerOptions options = CreateOptions();
                _balancer!.Apply(options);
                Log.ConfigurationApplied(environment.Logger, environment.Name, options.Policy.Name);
            }
#pragma warning disable CA1031 // Whatever is wrong with a change, what ran keeps running.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ConfigurationRefused(environment.Logger, environment.Name, exception.Message);
            }
        }
    }
}
