using Grpc.Core;
using LoadBalancing.Client;
using LoadBalancing.Client.Grpc.Channels;

namespace Grpc.Net.Client;

/// <summary>Balances the calls of a channel.</summary>
public static class LoadBalancingGrpcChannelOptionsExtensions
{
    /// <summary>
    /// Makes channels with these options balance their calls over the backends of a service: <c>GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions().UseLoadBalancing(services))</c>. The <see cref="Balancer"/> of that name decides,
    /// with its policy, weights, tiers, zones, caps and all that it knows of its backends' health, which it shares with <c>HttpClient</c> and other channels; the channel keeps a connection to each backend.
    /// </summary>
    /// <remarks>
    /// <para>Set everything else first, and use the options for one channel.</para>
    /// <para><b>Handler.</b> Without an <see cref="GrpcChannelOptions.HttpHandler"/>, the channel gets one of its own: connect timeout 2 s, several HTTP/2 connections per backend where one is full, no proxy. One of yours must be a
    /// <see cref="SocketsHttpHandler"/> that has sent nothing yet and has no <see cref="SocketsHttpHandler.ConnectCallback"/>, or handlers that end in one.</para>
    /// <para><b>Service config.</b> Methods' settings (retries, hedging) and throttling stay; the load balancing policy is ours. Calls through <see cref="LoadBalancingGrpcChannelExtensions.CreateBalancedInvoker"/> are retried on another backend.</para>
    /// <para><b>TLS.</b> A backend whose address is <c>https</c> is called over TLS, under its <see cref="Backend.HostName"/>; so is every backend when <see cref="GrpcChannelOptions.Credentials"/> ask for it, as call credentials need.
    /// Without credentials, <see cref="ChannelCredentials.Insecure"/> is set.</para>
    /// <para>A channel for a name that no balancer has fails when it is made, with an <see cref="InvalidOperationException"/>.</para>
    /// </remarks>
    /// <param name="options">The channel's options, which are changed.</param>
    /// <param name="services">The container with the balancers (<c>AddLoadBalancer</c>, <c>AddLoadBalancedHttpClient</c>). Loggers come from it too, unless the options have their own.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="InvalidOperationException">The options have an <see cref="GrpcChannelOptions.HttpClient"/>, or a handler that does not end in a <see cref="SocketsHttpHandler"/>.</exception>
    public static GrpcChannelOptions UseLoadBalancing(this GrpcChannelOptions options, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        ChannelTransport.Install(options);
        options.ServiceProvider = new ChannelServices(options.ServiceProvider, services);
        options.ServiceConfig = ChannelTransport.NamePolicy(options.ServiceConfig);
        options.Credentials ??= ChannelCredentials.Insecure;
        return options;
    }
}
