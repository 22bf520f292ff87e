using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>
/// Resolves nothing: the balancer has its own discovery. It names the load balancer and hands it the channel, and does so again whenever there is news, since that is how gRPC lets a load balancer work under its lock.
/// </summary>
internal sealed class BalancerResolver : Resolver
{
    private static readonly BalancerAttributesKey<BalancedChannel> ChannelKey = new("LoadBalancing.Client.Grpc.Channel");

    private readonly BalancedChannel _channel;
    private readonly ResolverResult _result;
    private Action<ResolverResult> _listener = null!;

    public BalancerResolver(BalancedChannel channel)
    {
        _channel = channel;

        // The name of the service stands for the addresses; nobody connects to it.
        BalancerAddress address = new(channel.Balancer.Name, 0);
        address.Attributes.Set(ChannelKey, channel);
        ServiceConfig config = new() { LoadBalancingConfigs = { new LoadBalancingConfig(BackendLoadBalancerFactory.PolicyName) } };
        _result = ResolverResult.ForResult([address], config, serviceConfigStatus: null);
    }

    /// <summary>The channel that a result of this resolver hands over.</summary>
    public static BalancedChannel? FindChannel(ChannelState state) =>
        state.Addresses is [{ } address, ..] && address.Attributes.TryGetValue(ChannelKey, out BalancedChannel? channel) ? channel : null;

    public override void Start(Action<ResolverResult> listener)
    {
        _listener = listener;

        // At once, so that calls wait for a picker, which their deadlines can end, and not for this. The rest elsewhere: the channel's lock is held.
        Tell();
        ThreadPool.UnsafeQueueUserWorkItem(static resolver => _ = resolver._channel.OpenAsync(resolver.Tell), this, preferLocal: false);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _channel.Dispose();
        }
    }

    private void Tell() => _listener(_result);
}
