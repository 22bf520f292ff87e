using LoadBalancing.Client.Backends;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>A client over one balancer that sends to real servers, or to a stub. It sends each request once, unless the test turns retries on: most tests are about what one attempt does.</summary>
internal sealed class BalancedClient : IDisposable
{
    private BalancedClient(Balancer balancer, RecordingPolicy policy, HttpMessageHandler inner)
    {
        Balancer = balancer;
        Policy = policy;
        Invoker = new HttpMessageInvoker(new LoadBalancingHandler(balancer, inner));
        Client = new HttpClient(new LoadBalancingHandler(balancer, inner), disposeHandler: false) { BaseAddress = new Uri("http://orders/") };
    }

    public Balancer Balancer { get; }

    public RecordingPolicy Policy { get; }

    /// <summary>The handler without what <see cref="HttpClient"/> adds.</summary>
    public HttpMessageInvoker Invoker { get; }

    public HttpClient Client { get; }

    /// <summary>Of all backends.</summary>
    public int InFlight => Balancer.Backends.Sum(backend => backend.InFlight);

    public static BalancedClient Create(HttpMessageHandler inner, params Backend[] backends) => Create(inner, _ => { }, backends);

    public static BalancedClient Create(HttpMessageHandler inner, Action<BalancerBuilder> configure, params Backend[] backends)
    {
        RecordingPolicy policy = new();
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends(backends).UsePolicy(policy).UseRetries(retry => retry.Enabled = false);
        configure(builder);
        return new BalancedClient(builder.Build(), policy, inner);
    }

    public static BalancedClient Create(Uri server, Action<BalancerBuilder>? configure = null) =>
        Create(new SocketsHttpHandler { UseProxy = false }, configure ?? (_ => { }), new Backend(server));

    /// <summary>Waits, with a bound, for what other threads or the garbage collector still have to do.</summary>
    public async Task ShouldBecomeIdleAsync()
    {
        for (int i = 0; i < 2_000 && InFlight != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(1);
        }

        InFlight.ShouldBe(0);
    }

    public void Dispose()
    {
        Client.Dispose();
        Invoker.Dispose();
        Balancer.Dispose();
    }
}
