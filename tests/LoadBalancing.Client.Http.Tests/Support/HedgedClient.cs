using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>A client over backends called a, b, c, used in this order (<c>pick_first</c>), on a clock that stands still. What takes longer than 50 ms is hedged, unless the test says otherwise.</summary>
internal sealed class HedgedClient : IDisposable
{
    private HedgedClient(Func<HttpRequestMessage, (TimeSpan Latency, int Status)> serve, Action<BalancerBuilder> configure, int count, bool isDeaf)
    {
        // Without a context to go back to, what waits for the clock goes on inside Advance. It is in force until the test's method first waits.
        SynchronizationContext.SetSynchronizationContext(null);
        Backends = new VirtualBackends(Clock, serve) { IsDeaf = isDeaf };
        BalancerBuilder builder = new BalancerBuilder("orders")
            .AddBackends(VirtualBackends.Addresses(count))
            .UsePolicy(new PickFirstPolicy())
            .UseTimeProvider(Clock)
            .UseRandom(new Random(1))
            .UseCircuitBreaker(breaker => breaker.Enabled = false)
            .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero)
            .UseHedging(hedging => hedging.Delay = TimeSpan.FromMilliseconds(50));
        configure(builder);
        Balancer = builder.Build();
        Invoker = new HttpMessageInvoker(new LoadBalancingHandler(Balancer, Backends));
    }

    public FakeTimeProvider Clock { get; } = new();

    public VirtualBackends Backends { get; }

    public Balancer Balancer { get; }

    public HttpMessageInvoker Invoker { get; }

    /// <summary>How many attempts each backend has in flight.</summary>
    public int[] InFlight => [.. Balancer.Backends.Select(backend => backend.InFlight)];

    /// <summary>Backends that always take so many milliseconds, in the order a, b, c, and answer 200.</summary>
    public static HedgedClient Create(int[] milliseconds, Action<BalancerBuilder>? configure = null) => Create(milliseconds, [.. milliseconds.Select(_ => 200)], configure);

    /// <summary>Backends that always take so many milliseconds, and answer with these statuses.</summary>
    public static HedgedClient Create(int[] milliseconds, int[] statuses, Action<BalancerBuilder>? configure = null, bool isDeaf = false) => new(
        request => (TimeSpan.FromMilliseconds(milliseconds[request.RequestUri!.Host[0] - 'a']), statuses[request.RequestUri.Host[0] - 'a']),
        configure ?? (_ => { }),
        milliseconds.Length,
        isDeaf);

    /// <summary>Backends that do what the test says.</summary>
    public static HedgedClient Create(Func<HttpRequestMessage, (TimeSpan Latency, int Status)> serve, Action<BalancerBuilder> configure, int count) => new(serve, configure, count, isDeaf: false);

    public Task<HttpResponseMessage> GetAsync(CancellationToken cancellationToken = default) => Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/items"), cancellationToken);

    public void Advance(int milliseconds) => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Nothing is left of any request.</summary>
    public void ShouldBeIdle()
    {
        InFlight.ShouldAllBe(count => count == 0);
        (Backends.Running, Backends.OpenBodies, Clock.ActiveTimers).ShouldBe((0, 0, 0));
    }

    public void Dispose()
    {
        Invoker.Dispose();
        Balancer.Dispose();
    }
}
