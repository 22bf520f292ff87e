using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.DependencyInjection;
using LoadBalancing.Client.Grpc.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>Finds the balancer that an address like <c>lb:///orders</c> names.</summary>
internal sealed class BalancerResolverFactory(IServiceProvider services) : ResolverFactory
{
    public const string Scheme = "lb";

    private const int SecurePort = 443;

    public override string Name => Scheme;

    /// <exception cref="InvalidOperationException">There is no balancer of this name, or the channel's options were changed after <c>UseLoadBalancing</c>, such that it cannot work.</exception>
    public override Resolver Create(ResolverOptions options)
    {
        Balancer balancer = FindBalancer(options.Address);
        if (ChannelTransport.FindConnections(options.ChannelOptions) is not { } connections)
        {
            throw new InvalidOperationException(
                $"Channel {options.Address}: HttpHandler was replaced after UseLoadBalancing, so calls could not be balanced. Set HttpHandler first, then call UseLoadBalancing.");
        }

        if (options.DisableServiceConfig && !ChannelTransport.NamesPolicy(options.ChannelOptions.ServiceConfig))
        {
            throw new InvalidOperationException(
                $"Channel {options.Address}: DisableResolverServiceConfig is set and ServiceConfig was replaced after UseLoadBalancing, so calls could not be balanced. Set ServiceConfig first, then call UseLoadBalancing.");
        }

        return new BalancerResolver(new BalancedChannel(balancer, isSecure: options.DefaultPort == SecurePort, connections));
    }

    private Balancer FindBalancer(Uri address)
    {
        string name = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/'));
        if (address.Host.Length > 0 || name.Length == 0 || address.Query.Length > 0)
        {
            throw new InvalidOperationException($"Channel {address}: the address of a balanced channel is {Scheme}:///name, with three slashes, for example {Scheme}:///orders.");
        }

        return services.GetKeyedService<Balancer>(name) ?? throw new InvalidOperationException(
            $"Channel {address}: no balancer has the name '{name}'. Describe it: services.AddLoadBalancer(\"{name}\", …). {DescribeKnown()}");
    }

    private string DescribeKnown()
    {
        IReadOnlyList<string> names = services.GetService<BalancerRegistry>()?.Names ?? [];
        return names.Count == 0 ? "None is registered." : $"Registered are: {string.Join(", ", names)}.";
    }
}
