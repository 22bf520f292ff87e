using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Handlers;

/// <summary>
/// Real servers called a, b, c and so on, the balancer "orders" over them, and channels whose calls go through its <see cref="LoadBalancingHandler"/>: as <c>AddGrpcClient</c> makes them, from <see cref="IHttpMessageHandlerFactory"/>.
/// The balancer's clock stands still.
/// </summary>
internal sealed class HandlerPool : IAsyncDisposable
{
    private const string Service = "orders";

    private readonly ServiceProvider _provider;
    private readonly List<GrpcChannel> _channels = [];

    private HandlerPool(EchoServer[] servers, X509Certificate2? certificate, Action<BalancerBuilder> configure)
    {
        Servers = servers;
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddLoadBalancedHttpClient(Service);
        IHttpClientBuilder client = services.AddHttpClient("grpc").AddLoadBalancing(Service, builder =>
        {
            builder.AddBackends(servers.Select(server => new Backend(server.Address) { Id = server.Name, HostName = certificate?.GetNameInfo(X509NameType.DnsName, forIssuer: false) })).UseRandom(new Random(1));
            configure(builder);
        });
        if (certificate is not null)
        {
            client.UseSocketsHttpHandler((handler, _) => handler.SslOptions.RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate));
        }

        _provider = services.BuildServiceProvider();
        Balancer = _provider.GetRequiredKeyedService<Balancer>(Service);
        Balancer.Start();
    }

    public FakeTimeProvider Clock { get; } = new();

    public EchoServer[] Servers { get; }

    public Balancer Balancer { get; }

    /// <summary>An ordinary client of the same service.</summary>
    public HttpClient HttpClient => _provider.GetRequiredService<IHttpClientFactory>().CreateClient(Service);

    /// <summary>Attempts in flight on each backend, in the order of their names.</summary>
    public int[] InFlight => [.. Balancer.Backends.Select(backend => backend.InFlight)];

    public BackendState this[string name] => Balancer.Backends.Find(name)!;

    public static async Task<HandlerPool> StartAsync(int count, Action<BalancerBuilder>? configure = null, X509Certificate2? certificate = null)
    {
        List<EchoServer> servers = [];
        for (int i = 0; i < count; i++)
        {
            servers.Add(await EchoServer.StartAsync(((char)('a' + i)).ToString(), certificate));
        }

        return new HandlerPool([.. servers], certificate, configure ?? (_ => { }));
    }

    public Echo.EchoClient CreateClient(ServiceConfig? config = null, string client = "grpc")
    {
        GrpcChannel channel = GrpcChannel.ForAddress($"http://{Service}", new GrpcChannelOptions
        {
            HttpHandler = _provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client),
            ServiceConfig = config,
        });
        _channels.Add(channel);
        return new Echo.EchoClient(channel);
    }

    /// <summary>A client of a channel that gRPC's own balancer serves, over the same balancer of ours.</summary>
    public Echo.EchoClient CreateClientOfBalancedChannel()
    {
        GrpcChannel channel = GrpcChannel.ForAddress($"lb:///{Service}", new GrpcChannelOptions().UseLoadBalancing(_provider));
        _channels.Add(channel);
        return new Echo.EchoClient(channel);
    }

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await _provider.DisposeAsync();
        foreach (EchoServer server in Servers)
        {
            await server.DisposeAsync();
        }
    }
}
