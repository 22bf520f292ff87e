using System.Net;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Requests that are sent again, over real servers.</summary>
public sealed class RetryTests
{
    [Theory]
    [InlineData("GET", 502)]
    [InlineData("GET", 503)]
    [InlineData("GET", 504)]
    [InlineData("GET", 429)]
    [InlineData("PUT", 503)]
    [InlineData("DELETE", 503)]
    [InlineData("OPTIONS", 503)]
    public async Task SendAsync_RefusedByTheFirst_IsAnsweredByTheNext(string method, int status)
    {
        await using RetryPool pool = await RetryPool.StartAsync([status, 200]);

        using HttpResponseMessage response = await pool.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/items"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.GetBackend()!.Id.ShouldBe("b");
        response.GetAttempts().Select(attempt => (attempt.Backend, (int?)attempt.StatusCode)).ShouldBe([("a", status), ("b", 200)]);
        pool.Counts.ShouldBe([1, 1]);
        pool.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData("POST", 503)]
    [InlineData("PATCH", 503)]
    [InlineData("GET", 500)]
    [InlineData("GET", 501)]
    [InlineData("GET", 404)]
    public async Task SendAsync_NotToBeSentAgain_IsAnsweredByTheFirst(string method, int status)
    {
        await using RetryPool pool = await RetryPool.StartAsync([status, 200]);

        using HttpResponseMessage response = await pool.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/items"));

        ((int)response.StatusCode).ShouldBe(status);
        response.GetAttempts().ShouldHaveSingleItem().Backend.ShouldBe("a");
        pool.Counts.ShouldBe([1, 0]);
    }

    [Fact]
    public async Task SendAsync_PostWithIdempotencyKey_IsSentAgain()
    {
        List<(string Key, string Body)> seen = [];
        RequestDelegate answer(int status) => async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            lock (seen)
            {
                seen.Add((context.Request.Headers["Idempotency-Key"].ToString(), body));
            }

            context.Response.StatusCode = status;
        };
        await using RetryPool pool = await RetryPool.StartAsync([answer(503), answer(200)]);
        using HttpRequestMessage request = new(HttpMethod.Post, "/items") { Content = new StringContent("body"), Headers = { { "Idempotency-Key", "42" } } };

        using HttpResponseMessage response = await pool.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        seen.ShouldBe([("42", "body"), ("42", "body")]);
    }

    [Fact]
    public async Task Send_RefusedByTheFirst_IsAnsweredByTheNext()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 200], builder => builder.UseRetries(retry => retry.BaseDelay = TimeSpan.FromMilliseconds(1)));

        using HttpResponseMessage response = pool.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/items"));

        response.GetBackend()!.Id.ShouldBe("b");
        pool.Counts.ShouldBe([1, 1]);
        pool.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("POST", false)]
    [InlineData("POST", true)]
    public async Task SendAsync_NoConnection_IsSentToTheNextWhateverItIs(string method, bool synchronously)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        await using RetryPool pool = RetryPool.At([UnusedPort.Address(), UnusedPort.Address(), server.Address]);
        using HttpRequestMessage request = new(new HttpMethod(method), "/items") { Content = new StreamContent(new MemoryStream([1, 2, 3])) };

        using HttpResponseMessage response = synchronously ? pool.Client.Send(request) : await pool.Client.SendAsync(request);

        response.GetAttempts().Select(attempt => (attempt.Backend, attempt.ErrorType)).ShouldBe([("a", "connection_error"), ("b", "connection_error"), ("c", null)]);
        pool.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_AllRefuse_ReturnsTheLastAnswerAndDisposesTheOthers()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 502, 504, 200]);

        HttpResponseMessage response = await pool.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        pool.Balancer.Backends.Select(backend => backend.InFlight).ShouldBe([0, 0, 1, 0]);
        (await response.Content.ReadAsStringAsync()).ShouldBe("c");
        response.Dispose();
        pool.InFlight.ShouldBe(0);
        pool.Counts.ShouldBe([1, 1, 1, 0]);
    }

    [Fact]
    public async Task SendAsync_AllWereTried_StartsOverButNotWithTheLast()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 503], builder => builder.UseRetries(retry => retry.MaxAttempts = 5));

        using HttpResponseMessage response = await pool.Client.GetAsync("/");

        response.GetAttempts().Select(attempt => attempt.Backend).ShouldBe(["a", "b", "a", "b", "a"]);
    }

    [Fact]
    public async Task SendAsync_OnlyOneBackend_IsTriedAgain()
    {
        int count = 0;
        await using RetryPool pool = await RetryPool.StartAsync([context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref count) < 3 ? 503 : 200;
            return Task.CompletedTask;
        }]);

        using HttpResponseMessage response = await pool.Client.GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        count.ShouldBe(3);
    }

    [Fact]
    public async Task SendAsync_RetriesOff_IsSentOnce()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 200], builder => builder.UseRetries(retry => retry.Enabled = false));

        using HttpResponseMessage response = await pool.Client.GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task SendAsync_RequestThatForbidsIt_IsSentOnce()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 200]);

        using HttpResponseMessage forbidden = await pool.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/").SetRetry(false));
        using HttpResponseMessage allowed = await pool.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/").SetRetry(true));

        forbidden.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SendAsync_BodyBreaksAfterTheHeaders_IsNotSentAgain()
    {
        TaskCompletionSource received = new();
        await using RetryPool pool = await RetryPool.StartAsync([LoopbackServer.AbortAfter("start", received.Task), _ => Task.CompletedTask]);
        using HttpResponseMessage response = await pool.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        received.SetResult();

        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());

        pool.Counts.ShouldBe([1, 0]);
        pool.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_AttemptTimesOut_IsAnsweredByTheNext(bool synchronously)
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer hanging = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        await using RetryPool pool = RetryPool.At([hanging.Address, server.Address], builder => builder.UseTimeProvider(clock));
        Task<HttpResponseMessage> sending = synchronously ? Task.Run(() => pool.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/"))) : pool.Client.GetAsync("/");
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(10));

        using HttpResponseMessage response = await sending;
        response.GetAttempts()[0].Elapsed.ShouldBe(TimeSpan.FromSeconds(10));
        response.GetAttempts()[0].ErrorType.ShouldBe("timeout");
        response.GetBackend()!.Id.ShouldBe("b");
        pool.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_BudgetIsExhausted_ReturnsTheAnswerAtHand()
    {
        await using RetryPool pool = await RetryPool.StartAsync([503, 503, 503], builder => builder.UseRetries(retry => (retry.Budget.MinRetries, retry.Budget.Ratio) = (1, 0)));

        using HttpResponseMessage first = await pool.Client.GetAsync("/");
        using HttpResponseMessage second = await pool.Client.GetAsync("/");

        first.GetAttempts().Select(attempt => attempt.Backend).ShouldBe(["a", "b"]);
        second.GetAttempts().Select(attempt => attempt.Backend).ShouldBe(["a"]);
        RetryBudget.Of(pool.Balancer).Held.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_NobodyIsLeftForTheRetry_ReturnsTheAnswerAtHand()
    {
        Balancer balancer = null!;
        await using RetryPool pool = await RetryPool.StartAsync([context =>
        {
            balancer.Isolate("a");
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync("sorry");
        }]);
        balancer = pool.Balancer;

        using HttpResponseMessage response = await pool.Client.GetAsync("/");

        (response.StatusCode, await response.Content.ReadAsStringAsync()).ShouldBe((HttpStatusCode.ServiceUnavailable, "sorry"));
        RetryBudget.Of(pool.Balancer).Held.ShouldBe(0);
        pool.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_OnlyBackendIsFullWithTheAnswerAtHand_IsSentAgainThere(bool synchronously)
    {
        int count = 0;
        using Balancer balancer = new BalancerBuilder("orders")
            .AddBackends(new Backend("http://10.0.0.1:80") { MaxConcurrency = 1 })
            .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero)
            .Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler(() => new HttpResponseMessage(++count < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK) { Content = new StringContent("text") })));
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");

        using HttpResponseMessage response = synchronously ? invoker.Send(request, CancellationToken.None) : await invoker.SendAsync(request, CancellationToken.None);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        balancer.Backends[0].InFlight.ShouldBe(1);
        response.Dispose();
        balancer.Backends[0].InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_Http2_IsSentAgainWithTheSameVersion()
    {
        await using RetryPool pool = await RetryPool.StartAsync(
            [context => { context.Response.StatusCode = 503; return Task.CompletedTask; }, _ => Task.CompletedTask], protocols: HttpProtocols.Http2);
        using HttpRequestMessage request = new(HttpMethod.Get, "/items?x=1") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using HttpResponseMessage response = await pool.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (int index in new[] { 0, 1 })
        {
            RecordedRequest seen = pool[index].Requests.ShouldHaveSingleItem();
            (seen.Protocol, seen.RawTarget, seen.Host).ShouldBe(("HTTP/2", "/items?x=1", pool[index].Address.Authority));
        }

        (request.Version, request.VersionPolicy, request.RequestUri).ShouldBe((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact, new Uri("http://orders/items?x=1")));
    }

    [Fact]
    public async Task SendAsync_HandlerBelowLowersTheVersion_EachAttemptHasTheCallersOwn()
    {
        List<Version> versions = [];
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80", "http://10.0.0.2:80").UseRetries(retry => retry.BaseDelay = TimeSpan.Zero).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler((request, _) =>
        {
            versions.Add(request.Version);
            request.Version = HttpVersion.Version11;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway));
        })));
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/") { Version = HttpVersion.Version20 };

        using HttpResponseMessage response = await invoker.SendAsync(request, CancellationToken.None);

        versions.ShouldBe([HttpVersion.Version20, HttpVersion.Version20, HttpVersion.Version20]);
        request.Version.ShouldBe(HttpVersion.Version20);
    }
}
