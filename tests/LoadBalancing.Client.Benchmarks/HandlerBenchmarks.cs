using System.Globalization;
using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>
/// What the handler adds to a request: the same pipeline with it and without it. The stub below it makes a new response with a 64-byte body per call, the caller a new request with a URI of its own.
/// Retries with their budget, the circuit breaker and attempt timeouts are on, as they are by default, but for the cases that say otherwise.
/// </summary>
public class HandlerBenchmarks
{
    private readonly byte[] _buffer = new byte[256];
    private Balancer _balancer = null!;
    private Balancer _named = null!;
    private Balancer _bare = null!;
    private HttpMessageInvoker _without = null!;
    private HttpMessageInvoker _with = null!;
    private HttpMessageInvoker _withHostName = null!;
    private HttpMessageInvoker _withoutLater = null!;
    private HttpMessageInvoker _withLater = null!;
    private HttpMessageInvoker _bareAtOnce = null!;
    private HttpMessageInvoker _bareLater = null!;
    private int _number;

    [GlobalSetup]
    public void Setup()
    {
        _balancer = new BalancerBuilder("orders").AddBackends(Pools.Describe(10)).Build();
        _named = new BalancerBuilder("orders").AddBackends([.. Pools.Describe(10).Select(backend => backend with { HostName = "orders.example.com" })]).Build();
        _bare = new BalancerBuilder("orders").AddBackends(Pools.Describe(10))
            .UseCircuitBreaker(breaker => breaker.Enabled = false)
            .UseRetries(retry => retry.Enabled = false)
            .UseAttemptTimeout(Timeout.InfiniteTimeSpan)
            .Build();
        Pools.MakeBusy(_balancer.Backends);
        Pools.MakeBusy(_bare.Backends);
        Pools.MakeBusy(_named.Backends);
        _without = new HttpMessageInvoker(new Stub());
        _with = new HttpMessageInvoker(new LoadBalancingHandler(_balancer, new Stub()));
        _withHostName = new HttpMessageInvoker(new LoadBalancingHandler(_named, new Stub()));
        _withoutLater = new HttpMessageInvoker(new LaterStub());
        _withLater = new HttpMessageInvoker(new LoadBalancingHandler(_balancer, new LaterStub()));
        _bareAtOnce = new HttpMessageInvoker(new LoadBalancingHandler(_bare, new Stub()));
        _bareLater = new HttpMessageInvoker(new LoadBalancingHandler(_bare, new LaterStub()));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _balancer.Dispose();
        _named.Dispose();
        _bare.Dispose();
    }

    [Benchmark(Description = "disposed: without the handler")]
    public Task DisposedWithout() => SendAndDispose(_without);

    [Benchmark(Description = "disposed: with it")]
    public Task DisposedWith() => SendAndDispose(_with);

    [Benchmark(Description = "disposed: with it, resilience off")]
    public Task DisposedBare() => SendAndDispose(_bareAtOnce);

    [Benchmark(Description = "disposed: with it, and a HostName")]
    public Task DisposedWithHostName() => SendAndDispose(_withHostName);

    [Benchmark(Description = "read to the end: without the handler")]
    public Task ReadWithout() => SendAndRead(_without);

    [Benchmark(Description = "read to the end: with it")]
    public Task ReadWith() => SendAndRead(_with);

    [Benchmark(Description = "disposed, answer comes later: without the handler")]
    public Task LaterWithout() => SendAndDispose(_withoutLater);

    [Benchmark(Description = "disposed, answer comes later: with it")]
    public Task LaterWith() => SendAndDispose(_withLater);

    [Benchmark(Description = "disposed, answer comes later: with it, resilience off")]
    public Task LaterBare() => SendAndDispose(_bareLater);

    private async Task SendAndDispose(HttpMessageInvoker invoker)
    {
        using HttpRequestMessage request = NewRequest();
        using HttpResponseMessage response = await invoker.SendAsync(request, CancellationToken.None);
    }

    private async Task SendAndRead(HttpMessageInvoker invoker)
    {
        using HttpRequestMessage request = NewRequest();
        using HttpResponseMessage response = await invoker.SendAsync(request, CancellationToken.None);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        while (await body.ReadAsync(_buffer) > 0)
        {
        }
    }

    private HttpRequestMessage NewRequest() =>
        new(HttpMethod.Get, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://orders/orders/{_number++ & 1023}?expand=lines")));

    private class Stub : HttpMessageHandler
    {
        private readonly byte[] _body = new byte[64];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent(_body), RequestMessage = request };
            return Task.FromResult(response);
        }
    }

    /// <summary>Answers on another turn of the thread pool, as a socket does.</summary>
    private sealed class LaterStub : Stub
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
