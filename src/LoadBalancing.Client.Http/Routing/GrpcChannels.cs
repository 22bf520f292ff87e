namespace LoadBalancing.Client.Http.Routing;

/// <summary>
/// Keeps gRPC's own balancer away from handlers that we balance. A channel that finds a <see cref="SocketsHttpHandler"/> at the end of its handlers takes its connections over, and would connect to the name of the service instead of to
/// the backend that was picked.
/// </summary>
internal static class GrpcChannels
{
    /// <summary>What <c>GrpcChannel</c> looks for before it does so. .NET's service discovery sets it, too.</summary>
    private const string Disabled = "__GrpcLoadBalancingDisabled";

    public static void LeaveAlone(HttpMessageHandler? handler)
    {
        while (handler is DelegatingHandler delegating)
        {
            handler = delegating.InnerHandler;
        }

        if (handler is SocketsHttpHandler sockets)
        {
            sockets.Properties[Disabled] = true;
        }
    }
}
