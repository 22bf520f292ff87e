using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Tests.GrpcJs;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>Real servers called a, b, c and so on, the balancer "orders" over them, and channels. Only the breaker's clock stands still.</summary>
internal abstract class BalancedPool : IAsyncDisposable
{
    public const string Service = "orders";

    private readonly ServiceProvider _provider;
    private readonly List<GrpcChannel> _channels = [];
    private readonly X509Certificate2? _certificate;

    protected BalancedPool(IReadOnlyList<IEchoServer> servers, X509Certificate2? certificate, Action<BalancerBuilder> configure)
    {
        Peers = servers;
        _certificate = certificate;
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddLoadBalancer(Service, builder =>
        {
            builder.AddBackends(servers.Select(Describe)).UseRandom(new Random(1));
            configure(builder);
        });
        _provider = services.BuildServiceProvider();
        Balancer = _provider.GetRequiredKeyedService<Balancer>(Service);
    }

    public FakeTimeProvider Clock { get; } = new();

    /// <summary>The servers, of whatever kind.</summary>
    public IReadOnlyList<IEchoServer> Peers { get; }

    public Balancer Balancer { get; }

    public IServiceProvider Services => _provider;

    /// <summary>Attempts in flight on each backend, in the order of their names. Known once the balancer was started.</summary>
    public int[] InFlight => [.. Balancer.Backends.Select(backend => backend.InFlight)];

    public BackendState this[string name] => Balancer.Backends.Find(name)!;

    public static async Task<BalancedPool> StartAsync(ServerKind kind, int count, Action<BalancerBuilder>? configure = null, X509Certificate2? certificate = null) =>
        kind == ServerKind.GrpcJs ? await JsEchoPool.StartAsync(count, configure, certificate) : await EchoPool.StartAsync(count, configure, certificate);

    public Backend Describe(IEchoServer server) => new(server.Address) { Id = server.Name, HostName = _certificate?.GetNameInfo(X509NameType.DnsName, forIssuer: false) };

    /// <summary>A channel over the pool. It trusts the servers' certificate.</summary>
    public GrpcChannel CreateChannel(ServiceConfig? config = null, Action<SocketsHttpHandler>? configure = null, TimeSpan? backOff = null)
    {
        TimeSpan initialBackOff = backOff ?? TimeSpan.FromMilliseconds(20);
        GrpcChannelOptions options = new() { ServiceConfig = config, InitialReconnectBackoff = initialBackOff, MaxReconnectBackoff = 5 * initialBackOff };
        if (_certificate is not null || configure is not null)
        {
            SocketsHttpHandler handler = new() { EnableMultipleHttp2Connections = true };
            if (_certificate is not null)
            {
                handler.SslOptions.RemoteCertificateValidationCallback = TestCertificates.TrustOnly(_certificate);
            }

            configure?.Invoke(handler);
            options.HttpHandler = handler;
            options.DisposeHttpClient = true;
        }

        GrpcChannel channel = GrpcChannel.ForAddress($"lb:///{Service}", options.UseLoadBalancing(Services));
        _channels.Add(channel);
        return channel;
    }

    public Echo.EchoClient CreateClient(ServiceConfig? config = null) => new(CreateChannel(config));

    /// <summary>A client whose channel is connected to everybody.</summary>
    public async Task<Echo.EchoClient> ConnectAsync(ServiceConfig? config = null, bool isBalanced = false)
    {
        GrpcChannel channel = CreateChannel(config);
        await ConnectAllAsync(channel);
        return isBalanced ? new Echo.EchoClient(channel.CreateBalancedInvoker()) : new Echo.EchoClient(channel);
    }

    /// <summary>Waits until a channel is connected to everybody: until all have answered. What they have counted is forgotten.</summary>
    public async Task ConnectAllAsync(GrpcChannel channel)
    {
        // Not a unary call: tests retry and hedge these.
        Echo.EchoClient client = new(channel);
        HashSet<string> seen = [];
        while (seen.Count < Peers.Count)
        {
            using AsyncClientStreamingCall<EchoRequest, EchoReply> call = client.Collect();
            await call.RequestStream.CompleteAsync().Soon();
            seen.Add((await call.ResponseAsync.Soon()).Server);
        }

        await ForAllAsync(server => server.ForgetAsync());
    }

    /// <summary>A server of this pool's kind, on a port that one of its servers had before.</summary>
    public abstract Task<IEchoServer> RestartAsync(string name, int port);

    public Task ForAllAsync(Func<IEchoServer, Task> act) => Task.WhenAll(Peers.Select(act));

    /// <summary>How many calls each server has got, in the order of their names.</summary>
    public Task<int[]> CountCallsAsync() => Task.WhenAll(Peers.Select(server => server.CountCallsAsync()));

    /// <summary>Waits until all servers together have got so many calls.</summary>
    public Task UntilCalledAsync(int calls)
    {
        return PollAsync().Soon();

        async Task PollAsync()
        {
            while ((await CountCallsAsync()).Sum() < calls)
            {
                await Task.Yield();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await _provider.DisposeAsync();
        foreach (IEchoServer server in Peers)
        {
            await server.DisposeAsync();
        }
    }

    protected static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString());
}
