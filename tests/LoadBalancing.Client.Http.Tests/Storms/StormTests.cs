using System.Net;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Storms;

/// <summary>Every backend answers 503 for 10 s, at 500 requests a second, circuits on: on a clock that the test moves, so that all of it is exact. <see cref="StormSoakTests"/> has the same with real servers and real seconds.</summary>
public sealed class StormTests
{
    private const int Requests = 5_000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);

    [Fact]
    public async Task Run_EveryBackendFails_BudgetKeepsAttemptsNearRequests()
    {
        using Storm storm = new(_ => { });

        await storm.SendAsync(Requests);

        // A fifth of the requests, and 100.
        ((double)storm.Attempts / Requests).ShouldBeInRange(1.1, 1.22);
        storm.Balancer.Backends.ShouldAllBe(backend => backend.Circuit != CircuitState.Closed);
    }

    [Fact]
    public async Task Run_EveryBackendFailsWithoutABudget_EveryAttemptIsMade()
    {
        using Storm storm = new(balancer => balancer.UseRetries(retry => retry.Budget.Enabled = false));

        await storm.SendAsync(Requests);

        storm.Attempts.ShouldBe(3 * Requests);
    }

    [Fact]
    public async Task Run_BackendsWorkAgain_EverythingIsAsBeforeWithinTwoSeconds()
    {
        using Storm storm = new(_ => { });
        (await storm.SendAsync(Requests)).ShouldBe(Requests);

        storm.Passes();

        await storm.SendAsync((int)(TimeSpan.FromSeconds(2) / Step));
        (await storm.SendAsync(Requests)).ShouldBe(0);
        storm.Balancer.Backends.ShouldAllBe(backend => backend.Circuit == CircuitState.Closed);
    }

    private sealed class Storm : HttpMessageHandler
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly HttpMessageInvoker _client;
        private HttpStatusCode _status = HttpStatusCode.ServiceUnavailable;
        private int _attempts;

        public Storm(Action<BalancerBuilder> configure)
        {
            BalancerBuilder builder = new BalancerBuilder("orders")
                .AddBackends([.. Enumerable.Range(1, 5).Select(i => $"http://10.0.0.{i}:80")])
                .UseTimeProvider(_clock)
                .UseRandom(new Random(1));
            configure(builder);
            Balancer = builder.Build();
            _client = new HttpMessageInvoker(new LoadBalancingHandler(Balancer, this));
        }

        public Balancer Balancer { get; }

        public int Attempts => Volatile.Read(ref _attempts);

        public void Passes() => _status = HttpStatusCode.OK;

        /// <summary>Sends so many requests, one in each step of the clock.</summary>
        /// <returns>How many of them failed.</returns>
        public async Task<int> SendAsync(int count)
        {
            List<Task<HttpResponseMessage>> answers = [];
            for (int i = 0; i < count; i++)
            {
                answers.Add(_client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None));
                _clock.Advance(Step);
            }

            // What waits for its next attempt arms its timer in its own time.
            Task<HttpResponseMessage[]> all = Task.WhenAll(answers);
            while (!all.IsCompleted)
            {
                _clock.Advance(Step);
                await Task.Delay(1);
            }

            return (await all).Count(answer => answer.StatusCode != HttpStatusCode.OK);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _attempts);
            return Task.FromResult(new HttpResponseMessage(_status));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _client.Dispose();
                Balancer.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
