namespace LoadBalancing.Client.DependencyInjection;

/// <summary>One call that configures the balancer of a name. Several for the same name configure one balancer, in order.</summary>
internal sealed record BalancerRegistration(string Name, Action<IServiceProvider, BalancerBuilder> Configure);
