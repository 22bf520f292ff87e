using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Why a request that failed was not sent again, in the words of its exception; and the log line for each attempt that failed.</summary>
public sealed class NotSentAgainTests
{
    [Fact]
    public Task PostWithoutKey_SaysThatItMayHaveArrived() =>
        ShouldSayAsync("POST without Idempotency-Key may have reached the backend", _ => { }, new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("x") });

    [Fact]
    public Task StreamThatWasRead_SaysWhichOptionHelps() =>
        ShouldSayAsync("its content is a stream that was read (MaxBufferedBodyBytes)", _ => { }, new HttpRequestMessage(HttpMethod.Put, "/") { Content = new StreamContent(new MemoryStream([1])) });

    [Fact]
    public Task SetRetryFalse_SaysSo()
    {
        HttpRequestMessage request = new(HttpMethod.Get, "/");
        request.SetRetry(false);
        return ShouldSayAsync("the request says so (SetRetry)", _ => { }, request);
    }

    [Fact]
    public Task Upgrade_SaysSo()
    {
        HttpRequestMessage request = new(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        return ShouldSayAsync("CONNECT, upgrades and gRPC calls never are", _ => { }, request);
    }

    [Fact]
    public Task BudgetUsedUp_SaysSo() =>
        ShouldSayAsync("the retry budget is used up", balancer => balancer.UseRetries(retry => (retry.Budget.MinRetries, retry.Budget.Ratio) = (0, 0)), new HttpRequestMessage(HttpMethod.Get, "/"));

    [Fact]
    public Task BackoffLongerThanWhatIsLeft_SaysSo() =>
        ShouldSayAsync(
            "nothing left of the request timeout",
            balancer => balancer.UseRetries(retry => (retry.BaseDelay, retry.MaxDelay) = (TimeSpan.FromHours(2), TimeSpan.FromHours(2))).UseRequestTimeout(TimeSpan.FromHours(1)),
            new HttpRequestMessage(HttpMethod.Get, "/"));

    [Fact]
    public Task NobodyLeft_SaysSo() =>
        ShouldSayAsync(
            "no other backend: none may receive requests",
            balancer => balancer.Configure(options => options.FailClosed = true).UseCircuitBreaker(breaker => (breaker.Enabled, breaker.ConsecutiveFailures) = (true, 1)),
            new HttpRequestMessage(HttpMethod.Get, "/"));

    [Fact]
    public async Task RetryAfterAboveTheLimit_SaysHowLong()
    {
        // The circuit of the second opens, so that the first is the only one left.
        await using RetryPool pool = await RetryPool.StartAsync(
            [
                context => { context.Response.StatusCode = 429; context.Response.Headers.RetryAfter = "30"; return Task.CompletedTask; },
                context => { context.Abort(); return Task.CompletedTask; },
            ],
            balancer => balancer
                .UseTimeProvider(new FakeTimeProvider())
                .UseCircuitBreaker(breaker => (breaker.Enabled, breaker.ConsecutiveFailures) = (true, 1)));

        (await Should.ThrowAsync<BackendRequestException>(() => pool.Client.GetAsync("/"))).Message.ShouldEndWith("; not sent again: Retry-After 30 s is above MaxRetryAfter");
    }

    [Fact]
    public async Task AttemptTimeout_SaysItBeforeTheFullStop()
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using RetryPool pool = RetryPool.At([server.Address], balancer => balancer.UseTimeProvider(clock));
        Task<HttpResponseMessage> sending = pool.Client.PostAsync("/", new StringContent("x"));
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(10));

        (await Should.ThrowAsync<AttemptTimeoutException>(() => sending)).Message.ShouldBe(
            "Service 'orders': backend 'a' sent no response headers within 00:00:10 (the attempt timeout: AttemptTimeout, UseAttemptTimeout, or the request's SetAttemptTimeout); "
            + "not sent again: POST without Idempotency-Key may have reached the backend.");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task NothingToExplain_SaysNothing(int attempts, bool isEnabled)
    {
        await using LoopbackTcpServer server = StartBreaking();
        await using RetryPool pool = RetryPool.At([server.Address], balancer => balancer.UseRetries(retry => (retry.MaxAttempts, retry.Enabled) = (attempts, isEnabled)));

        (await Should.ThrowAsync<BackendRequestException>(() => pool.Client.PostAsync("/", new StringContent("x")))).Message.ShouldNotContain("not sent again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Log_FailedAttempts_SaysOfEachWhetherItIsSentAgain(bool isSynchronous)
    {
        RecordingLog log = new();
        Uri nobody = UnusedPort.Address();
        await using LoopbackServer refusing = await LoopbackServer.StartAsync(context => { context.Response.StatusCode = 503; return Task.CompletedTask; });
        await using RetryPool pool = RetryPool.At([nobody, refusing.Address], balancer => balancer.UseLoggerFactory(log).UseRetries(retry => retry.MaxAttempts = 2));

        using HttpResponseMessage response = isSynchronous ? pool.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")) : await pool.Client.GetAsync("/");

        log.Entries.Where(entry => entry.Event == "AttemptFailed").Select(entry => entry.Message).ShouldBe(
        [
            "Service orders: an attempt on backend a failed: connection_error; sent again: True.",
            "Service orders: an attempt on backend b failed: 503; sent again: False.",
        ]);
    }

    /// <summary>Sends the request to a server that reads it and hangs up.</summary>
    private static async Task ShouldSayAsync(string reason, Action<BalancerBuilder> configure, HttpRequestMessage request)
    {
        await using LoopbackTcpServer server = StartBreaking();
        await using RetryPool pool = RetryPool.At([server.Address], configure);

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => pool.Client.SendAsync(request));

        exception.Message.ShouldEndWith($"; not sent again: {reason}");
        exception.Attempts.ShouldHaveSingleItem();
    }

    private static LoopbackTcpServer StartBreaking() => LoopbackTcpServer.Start(async (connection, token) =>
    {
        await LoopbackTcpServer.ReadHeadAsync(connection, token);
        await LoopbackTcpServer.ResetAsync(connection, token);
    });
}
