using System.Net;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>Requests that are sent again where there is little room.</summary>
public sealed class QueueAndRetryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_AnswerAtHandHoldsTheOnlyPlace_IsReturnedAtOnce(bool isSync)
    {
        // On a clock that stands still, nobody who waits in line ever gives up.
        FakeTimeProvider clock = new();
        using BalancedClient client = BalancedClient.Create(
            new StubHandler(() => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("busy") }),
            builder => builder.UseTimeProvider(clock).UseRetries(retry => (retry.Enabled, retry.BaseDelay) = (true, TimeSpan.Zero)),
            QueueFixture.WithCap(1));
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");

        using HttpResponseMessage response = isSync
            ? client.Invoker.Send(request, CancellationToken.None)
            : await client.Invoker.SendAsync(request, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldBe("busy");
        RequestLine.Of(client.Balancer).Waiting.ShouldBe(0);
        client.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_NoAnswerAndTheOtherBackendIsFull_StandsInLineForIt()
    {
        HeldRequests held = new();
        using BalancedClient client = BalancedClient.Create(
            new RefusesAt("10.0.0.1", held),
            builder => builder
                .UsePolicy(new PickFirstPolicy())
                .UseCircuitBreaker(breaker => breaker.ConsecutiveFailures = 2)
                .UseQueue(5, TimeSpan.FromDays(1))
                .UseRetries(retry => (retry.Enabled, retry.BaseDelay) = (true, TimeSpan.Zero)),
            QueueFixture.WithCap(1),
            QueueFixture.WithCap(1, number: 2));

        // The second failure opens the first backend's circuit, and the other one has the first request.
        Task<HttpResponseMessage> first = SendAsync("/0");
        await held.ShouldHaveComeAsync(1);
        Task<HttpResponseMessage> second = SendAsync("/1");

        RequestLine.Of(client.Balancer).Waiting.ShouldBe(1);
        held.Release("/0");
        await held.ShouldHaveComeAsync(2);
        held.Release("/1");
        (await Task.WhenAll(first, second)).ShouldAllBe(response => response.StatusCode == HttpStatusCode.NoContent);
        held.Hosts.ShouldBe(["10.0.0.2", "10.0.0.2"]);
        client.InFlight.ShouldBe(0);

        Task<HttpResponseMessage> SendAsync(string path) => client.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"http://orders{path}"), CancellationToken.None);
    }

    /// <summary>A primary handler, since what a handler above it throws is not the backend's.</summary>
    private sealed class RefusesAt(string host, HttpMessageHandler others) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _others = new(others);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.Host == host
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError, "refused"))
                : _others.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _others.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
