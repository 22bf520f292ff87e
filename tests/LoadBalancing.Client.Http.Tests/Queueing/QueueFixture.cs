using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>A client on a fake clock, whose requests are held.</summary>
internal sealed class QueueFixture : IDisposable
{
    private readonly BalancedClient _client;

    public QueueFixture(Action<BalancerBuilder> configure, params Backend[] backends)
    {
        _client = BalancedClient.Create(
            Held,
            builder =>
            {
                builder.UseTimeProvider(Clock).UseCircuitBreaker(breaker => breaker.Enabled = false);
                configure(builder);
            },
            backends);
        Line = RequestLine.Of(Balancer);
    }

    public FakeTimeProvider Clock { get; } = new();

    public HeldRequests Held { get; } = new();

    public RequestLine Line { get; }

    public Balancer Balancer => _client.Balancer;

    public HttpMessageInvoker Invoker => _client.Invoker;

    public static Backend WithCap(int cap, int number = 1) => new($"http://10.0.0.{number}:80") { MaxConcurrency = cap };

    public async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://orders{path}");
        return await _client.Invoker.SendAsync(request, cancellationToken);
    }

    /// <summary>What must be so when all is over: nothing in flight, nobody in line, no timer.</summary>
    public void ShouldBeIdle()
    {
        Line.Waiting.ShouldBe(0);
        _client.InFlight.ShouldBe(0);
        Clock.ActiveTimers.ShouldBe(0);
    }

    public void Dispose() => _client.Dispose();
}
