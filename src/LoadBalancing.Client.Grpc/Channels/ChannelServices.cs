using Grpc.Net.Client.Balancer;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>
/// What a channel asks for its parts: ours for resolvers and load balancers, in front of what the user's own provider has of them; everything else as the user's providers have it.
/// </summary>
/// <param name="own">The provider that the options had, if any.</param>
/// <param name="services">The provider with the balancers.</param>
internal sealed class ChannelServices(IServiceProvider? own, IServiceProvider services) : IServiceProvider
{
    private readonly ResolverFactory[] _resolvers = [new BalancerResolverFactory(services)];
    private readonly LoadBalancerFactory[] _loadBalancers = [new BackendLoadBalancerFactory()];

    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType == typeof(IEnumerable<ResolverFactory>) ? With(_resolvers)
            : serviceType == typeof(IEnumerable<LoadBalancerFactory>) ? With(_loadBalancers)
            : own?.GetService(serviceType) ?? services.GetService(serviceType);
    }

    private T[] With<T>(T[] ours) => [.. ours, .. Of<T>(own), .. ReferenceEquals(own, services) ? [] : Of<T>(services)];

    private static IEnumerable<T> Of<T>(IServiceProvider? provider) => provider?.GetService(typeof(IEnumerable<T>)) as IEnumerable<T> ?? [];
}
