using Grpc.Net.Client.Balancer;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>Makes the load balancer of a channel. It has no settings: the policy is the balancer's.</summary>
internal sealed class BackendLoadBalancerFactory : LoadBalancerFactory
{
    public const string PolicyName = "loadbalancing_client";

    public override string Name => PolicyName;

    public override LoadBalancer Create(LoadBalancerOptions options) => new BackendLoadBalancer(options.Controller);
}
