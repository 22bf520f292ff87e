using System.Net;
using System.Text;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>Which requests are hedged.</summary>
public sealed class HedgedRequestTests
{
    [Theory]
    [InlineData("GET", false, true)]
    [InlineData("HEAD", false, true)]
    [InlineData("OPTIONS", false, true)]
    [InlineData("PUT", false, true)]
    [InlineData("DELETE", false, true)]
    [InlineData("POST", false, false)]
    [InlineData("PATCH", false, false)]
    [InlineData("REPORT", false, false)]
    [InlineData("POST", true, true)]
    [InlineData("PATCH", true, true)]
    [InlineData("CONNECT", true, false)]
    public Task SendAsync_ByMethod_OnlyWhatMayBeServedTwice(string method, bool hasKey, bool isHedged)
    {
        HttpRequestMessage request = new(new HttpMethod(method), "http://orders/items");
        if (hasKey)
        {
            request.Headers.Add("Idempotency-Key", "42");
        }

        return ShouldBeHedgedAsync(request, isHedged);
    }

    [Fact]
    public Task SendAsync_RequestSaysNo_IsNotHedged() => ShouldBeHedgedAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/items").SetRetry(false), isHedged: false);

    [Fact]
    public Task SendAsync_Upgrade_IsNotHedged() =>
        ShouldBeHedgedAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/items") { Headers = { { "Upgrade", "websocket" } } }, isHedged: false);

    [Fact]
    public Task SendAsync_Grpc_IsNotHedged()
    {
        HttpRequestMessage request = new(HttpMethod.Post, "http://orders/items") { Content = new ByteArrayContent([]), Headers = { { "Idempotency-Key", "42" } } };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return ShouldBeHedgedAsync(request, isHedged: false);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public Task SendAsync_BodyOfAStream_OnlyIfItIsBuffered(int maxBufferedBodyBytes, bool isHedged) => ShouldBeHedgedAsync(
        new HttpRequestMessage(HttpMethod.Put, "http://orders/items") { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("hello"))) },
        isHedged,
        builder => builder.UseRetries(retry => retry.MaxBufferedBodyBytes = maxBufferedBodyBytes));

    [Fact]
    public Task SendAsync_BodyInMemory_IsHedged() =>
        ShouldBeHedgedAsync(new HttpRequestMessage(HttpMethod.Put, "http://orders/items") { Content = new StringContent("hello") }, isHedged: true);

    [Fact]
    public async Task Send_Synchronous_IsNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10]);

        Task<HttpResponseMessage> sending = Task.Run(() => client.Invoker.Send(new HttpRequestMessage(HttpMethod.Get, "http://orders/items"), CancellationToken.None));
        await client.Clock.WaitForTimersAsync(2);
        client.Advance(1_000);

        (await sending).Dispose();
        client.Backends.Asked.ShouldBe(["a"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_TurnedOff_IsNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10], builder => builder.UseHedging(hedging => hedging.Enabled = false));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(1_000);

        (await sending).Dispose();
        client.Backends.Asked.ShouldBe(["a"]);
    }

    [Fact]
    public async Task SendAsync_NoBackend_ThrowsAsEver()
    {
        using HedgedClient client = HedgedClient.Create([10]);
        client.Balancer.Start();
        client.Balancer.Isolate("a");

        await Should.ThrowAsync<NoBackendAvailableException>(() => client.GetAsync());
    }

    [Fact]
    public async Task SendAsync_HandlerBelowThrowsAtOnce_FailsAsEver()
    {
        using BalancedClient balanced = BalancedClient.Create(
            new StubHandler((_, _) => throw new InvalidOperationException("mine")), builder => builder.UseHedging(), new Backend("http://10.0.0.1"), new Backend("http://10.0.0.2"));

        (await Should.ThrowAsync<InvalidOperationException>(() => balanced.Client.GetAsync("/"))).Message.ShouldBe("mine");

        balanced.InFlight.ShouldBe(0);
    }

    private static async Task ShouldBeHedgedAsync(HttpRequestMessage request, bool isHedged, Action<BalancerBuilder>? configure = null)
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10], configure);

        Task<HttpResponseMessage> sending = client.Invoker.SendAsync(request, CancellationToken.None);
        client.Advance(1_000);

        using (HttpResponseMessage response = await sending)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        client.Backends.Asked.ShouldBe(isHedged ? ["a", "b"] : ["a"]);
    }
}
