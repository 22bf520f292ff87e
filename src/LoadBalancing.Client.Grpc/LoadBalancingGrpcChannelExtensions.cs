using Grpc.Core;
using LoadBalancing.Client.Grpc.Calls;

namespace Grpc.Net.Client;

/// <summary>Makes calls of a balanced channel.</summary>
public static class LoadBalancingGrpcChannelExtensions
{
    /// <summary>
    /// An invoker whose calls remember where they have been: retries and hedges of the channel's service config go to backends that the call was not sent to, as long as there are any. For generated clients:
    /// <c>new Orders.OrdersClient(channel.CreateBalancedInvoker())</c>. Make one per channel and share it; thread safe.
    /// </summary>
    /// <param name="channel">A channel with <see cref="LoadBalancingGrpcChannelOptionsExtensions.UseLoadBalancing"/>. For others it makes no difference.</param>
    public static CallInvoker CreateBalancedInvoker(this GrpcChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new BalancedCallInvoker(channel.CreateCallInvoker());
    }
}
