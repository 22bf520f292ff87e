using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests;

/// <summary>What the handler adds to a request, over a stub that answers at once with 64 bytes. Alone, so that its figures are its own.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Rounds = 20_000;

    [Theory]
    [InlineData(null, "dispose", 500)]
    [InlineData(null, "bytes", 750)]
    [InlineData(null, "stream", 750)]
    [InlineData("orders.prod.svc", "dispose", 650)]
    [InlineData("orders.prod.svc", "bytes", 900)]
    public void SendAsync_AnsweredAtOnce_StaysInItsBudget(string? hostName, string way, int budget)
    {
        Backend[] backends = [.. Enumerable.Range(1, 10).Select(i => new Backend($"http://10.0.0.{i}:8080") { HostName = hostName })];
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(backends).Build();
        using HttpMessageInvoker bare = new(new SixtyFourBytes());
        using HttpMessageInvoker balanced = new(new LoadBalancingHandler(balancer, new SixtyFourBytes()));

        double added = Measure(balanced, way) - Measure(bare, way);

        added.ShouldBeInRange(1, budget);
        balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(0);
    }

    [Fact]
    public void SendAsync_AllOfResilienceOrNone_AddsItsBudgetOrNothing()
    {
        using Balancer off = Build(builder => builder.UseAttemptTimeout(Timeout.InfiniteTimeSpan).UseRetries(retry => retry.Enabled = false).UseCircuitBreaker(breaker => breaker.Enabled = false));
        using Balancer retries = Build(builder => builder.UseAttemptTimeout(Timeout.InfiniteTimeSpan).UseCircuitBreaker(breaker => breaker.Enabled = false));
        using Balancer all = Build(builder => builder.UseRequestTimeout(TimeSpan.FromSeconds(30)));

        double without = Measure(off);
        double withRetries = Measure(retries) - without;
        double withAll = Measure(all) - without;

        withRetries.ShouldBeInRange(-1, 1, "an answer that is there at once is not retried, and not even remembered");
        withAll.ShouldBeInRange(1, 600);

        static Balancer Build(Action<BalancerBuilder> configure)
        {
            BalancerBuilder builder = new BalancerBuilder("orders").AddBackends([.. Enumerable.Range(1, 10).Select(i => new Backend($"http://10.0.0.{i}:8080"))]);
            configure(builder);
            return builder.Build();
        }

        static double Measure(Balancer balancer)
        {
            using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new SixtyFourBytes()));
            return AllocationTests.Measure(invoker, "dispose");
        }
    }

    private static double Measure(HttpMessageInvoker invoker, string way)
    {
        Run(invoker, way, Rounds / 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(invoker, way, Rounds);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rounds;
    }

    private static void Run(HttpMessageInvoker invoker, string way, int rounds)
    {
        Span<byte> buffer = stackalloc byte[256];
        for (int i = 0; i < rounds; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://orders/items/{i}");
            Task<HttpResponseMessage> sending = invoker.SendAsync(request, CancellationToken.None);
            sending.IsCompletedSuccessfully.ShouldBeTrue();
#pragma warning disable xUnit1031 // It is complete.
            using HttpResponseMessage response = sending.Result;
#pragma warning restore xUnit1031
            if (way == "bytes")
            {
                Task<byte[]> reading = response.Content.ReadAsByteArrayAsync();
                reading.IsCompletedSuccessfully.ShouldBeTrue();
            }
            else if (way == "stream")
            {
                Stream stream = response.Content.ReadAsStream();
                while (stream.Read(buffer) > 0)
                {
                    // To the end.
                }
            }
        }
    }

    private sealed class SixtyFourBytes : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new ByteArrayContent(new byte[64]), RequestMessage = request });
    }

    [CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
    public sealed class Alone;
}
