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
