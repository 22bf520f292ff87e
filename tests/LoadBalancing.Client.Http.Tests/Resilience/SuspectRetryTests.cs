using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Servers that are restarted one after the other: those that are back have open circuits still, and the only one that is eligible is away.</summary>
public sealed class SuspectRetryTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task SendAsync_OnlyEligibleOneRefusesConnections_GoesToOneWhoseCircuitIsOpen(bool isSync, bool isClosed)
    {
        using BalancedClient client = Create(_ => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"), isClosed);

        if (isClosed)
        {
            (await Should.ThrowAsync<BackendRequestException>(() => client.Client.GetAsync("/"))).Attempts.ShouldAllBe(attempt => attempt.Backend == "a");
            return;
        }

        using HttpResponseMessage response = isSync ? client.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")) : await client.Client.GetAsync("/");

        response.GetAttempts().Select(attempt => attempt.Backend).ShouldBe(["a", "b"]);
        client.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_OnlyEligibleOneAnswersBadly_StaysThere()
    {
        using BalancedClient client = Create(_ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable), isClosed: false);

        using HttpResponseMessage response = await client.Client.GetAsync("/");

        response.GetAttempts().Select(attempt => attempt.Backend).ShouldBe(["a", "a", "a"], "it lives, which is more than is known of the other");
    }

    private static BalancedClient Create(Func<HttpRequestMessage, HttpResponseMessage> first, bool isClosed)
    {
        BalancedClient client = BalancedClient.Create(
            new StubHandler((request, _) => Task.FromResult(request.RequestUri!.Host == "10.0.0.1" ? first(request) : new HttpResponseMessage())),
            builder => builder.Configure(options => options.FailClosed = isClosed).UseRetries(retry => (retry.Enabled, retry.BaseDelay) = (true, TimeSpan.Zero)),
            new Backend("http://10.0.0.1:80") { Id = "a" },
            new Backend("http://10.0.0.2:80") { Id = "b" });
        client.Balancer.Start();
        client.Balancer.Backends[1].SetFlag(Unavailability.CircuitOpen, true);
        return client;
    }
}
