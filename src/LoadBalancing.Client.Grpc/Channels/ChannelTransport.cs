using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Calls;
using LoadBalancing.Client.Grpc.Connections;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>What a channel sends with: connections of its own or of the user's handler, and in front of them the handler that counts calls.</summary>
internal static class ChannelTransport
{
    /// <summary>Set by service discovery on handlers of its clients; a channel with such a handler refuses to balance.</summary>
    private const string Disabled = "__GrpcLoadBalancingDisabled";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Puts the counting handler in place.</summary>
    /// <exception cref="InvalidOperationException">What the options have cannot be balanced.</exception>
    public static void Install(GrpcChannelOptions options)
    {
        if (options.HttpClient is not null)
        {
            throw new InvalidOperationException("A balanced channel cannot send with an HttpClient, whose connections it does not see: set HttpHandler to its SocketsHttpHandler, or neither.");
        }

        if (options.HttpHandler is BalancedCallHandler)
        {
            return;
        }

        if (options.HttpHandler is null)
        {
            options.HttpHandler = CreateHandler();
            options.DisposeHttpClient = true;
        }

        SocketsHttpHandler sockets = FindSockets(options.HttpHandler) ?? throw new InvalidOperationException(
            $"A balanced channel needs a SocketsHttpHandler: the HttpHandler ({options.HttpHandler.GetType()}) must be one, or delegate to one.");
        sockets.Properties.Remove(Disabled);
        ConnectionTracker.Attach(sockets);
        options.HttpHandler = new BalancedCallHandler(options.HttpHandler);
    }

    /// <summary>The connections of a channel whose handler is in place.</summary>
    public static ConnectionTracker? FindConnections(GrpcChannelOptions options) =>
        options.HttpHandler is BalancedCallHandler handler && FindSockets(handler) is { } sockets ? ConnectionTracker.Find(sockets) : null;

    /// <summary>Names our load balancer in front of any other. The user's own object stays as it is: other channels may use it.</summary>
    public static ServiceConfig NamePolicy(ServiceConfig? config)
    {
        if (NamesPolicy(config))
        {
            return config!;
        }

        ServiceConfig named = new() { LoadBalancingConfigs = { new LoadBalancingConfig(BackendLoadBalancerFactory.PolicyName) } };
        if (config is not null)
        {
            named.RetryThrottling = config.RetryThrottling;
            foreach (MethodConfig method in config.MethodConfigs)
            {
                named.MethodConfigs.Add(method);
            }
        }

        return named;
    }

    public static bool NamesPolicy(ServiceConfig? config) => config?.LoadBalancingConfigs is [{ PolicyName: BackendLoadBalancerFactory.PolicyName }, ..];

    private static SocketsHttpHandler? FindSockets(HttpMessageHandler? handler)
    {
        while (handler is DelegatingHandler { InnerHandler: var inner })
        {
            handler = inner;
        }

        return handler as SocketsHttpHandler;
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = PooledConnectionLifetime,

        // One connection carries as many streams as the server allows, often a hundred.
        EnableMultipleHttp2Connections = true,
        UseCookies = false,

        // A proxy would choose the backend again.
        UseProxy = false,
        AllowAutoRedirect = false,
    };
}
