using System.Collections.Concurrent;
using System.Net;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>
/// Many requests for little room, some of which are canceled at any moment. A wake-up that is lost leaves somebody in line for good, since there is no timeout to speak of: bursts are short, so that nobody who comes later sets it right.
/// </summary>
public sealed class QueueStressTests
{
    private const int Bursts = 400;
    private const int Requests = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task SendAsync_ManyAtOnceSomeCanceled_NeverMoreThanTheCapsAndNobodyIsForgotten(int cap)
    {
        CountedRequests counted = new(cap);
        Backend[] backends = [.. Enumerable.Range(1, cap).Select(i => new Backend($"http://10.0.0.{i}:80") { MaxConcurrency = cap })];
        using BalancedClient client = BalancedClient.Create(counted, builder => builder.UsePolicy(new LeastRequestPolicy()).UseQueue(Requests, TimeSpan.FromDays(1)), backends);
        int canceled = 0;

        for (int burst = 0; burst < Bursts; burst++)
        {
            Task[] sending = [.. Enumerable.Range(burst * Requests, Requests).Select(seed => Task.Run(() => SendAsync(new Random(seed))))];
            await Task.WhenAll(sending).WaitAsync(TimeSpan.FromSeconds(60));

            RequestLine.Of(client.Balancer).Waiting.ShouldBe(0);
            client.InFlight.ShouldBe(0);
        }

        counted.Excess.ShouldBe(0);
        counted.Count.ShouldBeGreaterThan(Bursts * Requests / 2);
        canceled.ShouldBeGreaterThan(0);

        async Task SendAsync(Random random)
        {
            using CancellationTokenSource cancellation = new();
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://orders/{random.Next(4)}");
            Task<HttpResponseMessage> answer = client.Invoker.SendAsync(request, cancellation.Token);
            if (random.Next(4) == 0)
            {
                await YieldAsync(random.Next(8));
                await cancellation.CancelAsync();
            }

            try
            {
                using HttpResponseMessage response = await answer;
                await YieldAsync(random.Next(3));
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Interlocked.Increment(ref canceled);
            }
        }
    }

    [Fact]
    public async Task SendAsync_BackendsComeAndGo_NobodyIsForgotten()
    {
        CountedRequests counted = new(cap: 2);
        Backend[] few = [.. Enumerable.Range(1, 2).Select(i => new Backend($"http://10.0.0.{i}:80") { MaxConcurrency = 1 })];
        Backend[] many = [.. Enumerable.Range(1, 4).Select(i => new Backend($"http://10.0.0.{i}:80") { MaxConcurrency = 2 })];
        ListSource source = new(few);
        using BalancedClient client = BalancedClient.Create(counted, builder => builder.UsePolicy(new LeastRequestPolicy()).AddSource(source).UseQueue(Requests, TimeSpan.FromDays(1)));

        for (int burst = 0; burst < Bursts; burst++)
        {
            source.Publish(burst % 2 == 0 ? many : few);
            Task[] sending = [.. Enumerable.Range(0, Requests).Select(_ => Task.Run(SendAsync))];
            client.Balancer.Isolate("10.0.0.1:80");
            client.Balancer.Restore("10.0.0.1:80");
            await Task.WhenAll(sending).WaitAsync(TimeSpan.FromSeconds(60));

            RequestLine.Of(client.Balancer).Waiting.ShouldBe(0);
            client.InFlight.ShouldBe(0);
        }

        async Task SendAsync()
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
            using HttpResponseMessage response = await client.Invoker.SendAsync(request, CancellationToken.None);
        }
    }

    private static async Task YieldAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await Task.Yield();
        }
    }

    /// <summary>Answers a little later, and counts how many are with each backend at a time.</summary>
    private sealed class CountedRequests(int cap) : HttpMessageHandler
    {
        private readonly ConcurrentDictionary<string, int> _running = new();
        private int _excess;
        private int _count;

        /// <summary>How often there were more than the cap allows.</summary>
        public int Excess => Volatile.Read(ref _excess);

        public int Count => Volatile.Read(ref _count);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string host = request.RequestUri!.Host;
            Interlocked.Increment(ref _count);
            if (_running.AddOrUpdate(host, 1, (_, running) => running + 1) > cap)
            {
                Interlocked.Increment(ref _excess);
            }

            try
            {
                await YieldAsync(request.RequestUri.AbsolutePath.Length == 2 ? request.RequestUri.AbsolutePath[1] - '0' : 1);
                cancellationToken.ThrowIfCancellationRequested();
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            }
            finally
            {
                _running.AddOrUpdate(host, 0, (_, running) => running - 1);
            }
        }
    }
}
