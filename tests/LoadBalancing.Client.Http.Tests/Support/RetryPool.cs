using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>A client over real servers called a, b, c and so on, used in this order (<c>pick_first</c>), with retries, and without back-off unless the test wants one.</summary>
internal sealed class RetryPool : IAsyncDisposable
{
    private readonly LoopbackServer[] _servers;

    private RetryPool(LoopbackServer[] servers, Uri[] addresses, Action<BalancerBuilder> configure)
    {
        _servers = servers;
        BalancerBuilder builder = new BalancerBuilder("orders")
            .AddBackends([.. addresses.Select((address, index) => new Backend(address) { Id = ((char)('a' + index)).ToString() })])
            .UsePolicy(new PickFirstPolicy())
            .UseCircuitBreaker(breaker => breaker.Enabled = false)
            .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero);
        configure(builder);
        Balancer = builder.Build();
        Handler = new LoadBalancingHandler(Balancer, new SocketsHttpHandler { UseProxy = false });
        Invoker = new HttpMessageInvoker(Handler);
        Client = new HttpClient(Handler, disposeHandler: false) { BaseAddress = new Uri("http://orders/") };
    }

    public Balancer Balancer { get; }

    public LoadBalancingHandler Handler { get; }

    /// <summary>The handler without what <see cref="HttpClient"/> adds.</summary>
    public HttpMessageInvoker Invoker { get; }

    public HttpClient Client { get; }

    public int InFlight => Balancer.Backends.Sum(backend => backend.InFlight);

    /// <summary>How many requests each server has got.</summary>
    public int[] Counts => Array.ConvertAll(_servers, server => server.RequestCount);

    public LoopbackServer this[int index] => _servers[index];

    /// <summary>Servers that answer with these statuses, and the letter of their backend as the body.</summary>
    public static Task<RetryPool> StartAsync(int[] statuses, Action<BalancerBuilder>? configure = null) =>
        StartAsync(
            [.. statuses.Select((status, index) => (RequestDelegate)(context =>
            {
                context.Response.StatusCode = status;
                return context.Response.WriteAsync(((char)('a' + index)).ToString());
            }))],
            configure);

    public static async Task<RetryPool> StartAsync(RequestDelegate[] servers, Action<BalancerBuilder>? configure = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        LoopbackServer[] started = await Task.WhenAll(servers.Select(server => LoopbackServer.StartAsync(server, new LoopbackServerOptions { Protocols = protocols })));
        return new RetryPool(started, Array.ConvertAll(started, server => server.Address), configure ?? (_ => { }));
    }

    /// <summary>Backends at these addresses, whoever is there.</summary>
    public static RetryPool At(Uri[] addresses, Action<BalancerBuilder>? configure = null) => new([], addresses, configure ?? (_ => { }));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Invoker.Dispose();
        Balancer.Dispose();
        foreach (LoopbackServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
