using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests;

/// <summary>Attempts that end before their headers: refused, canceled, timed out; and requests without any backend.</summary>
public sealed class AttemptEndTests
{
    private static readonly Backend Anywhere = new("http://10.0.0.1:8080");

    [Fact]
    public async Task SendAsync_ConnectionRefused_IsAConnectFailure()
    {
        using BalancedClient balanced = BalancedClient.Create(UnusedPort.Address());

        await Should.ThrowAsync<HttpRequestException>(() => balanced.Client.GetAsync("/"));
        Should.Throw<HttpRequestException>(() => balanced.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")));

        balanced.InFlight.ShouldBe(0);
        balanced.Policy.Responses.Count.ShouldBe(2);
        balanced.Policy.Responses.ShouldAllBe(outcome => outcome.Kind == OutcomeKind.ConnectFailed && outcome.ErrorType == "connection_error");
    }

    [Fact]
    public async Task SendAsync_ConnectionReset_IsAFailure()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(async (connection, token) =>
        {
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
            await LoopbackTcpServer.ResetAsync(connection, token);
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address);

        await Should.ThrowAsync<HttpRequestException>(() => balanced.Client.PostAsync("/", new StringContent("x")));

        balanced.InFlight.ShouldBe(0);
        balanced.Policy.Responses.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Failed);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task SendAsync_ErrorStatus_IsAFailureNamedAfterIt(int status)
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(() => new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("sorry") }), Anywhere);

        using HttpResponseMessage response = await balanced.Client.GetAsync("/");

        balanced.InFlight.ShouldBe(0);
        Outcome outcome = balanced.Policy.Responses.ShouldHaveSingleItem();
        (outcome.Kind, outcome.ErrorType).ShouldBe((OutcomeKind.Failed, status.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task SendAsync_ConnectTimeout_IsAConnectFailure()
    {
        StubHandler stub = new((_, _) => Task.FromException<HttpResponseMessage>(new TaskCanceledException("connect", new TimeoutException())));
        using BalancedClient balanced = BalancedClient.Create(stub, Anywhere);

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => balanced.Client.GetAsync("/"));

        (exception.HttpRequestError, exception.Backend).ShouldBe((HttpRequestError.ConnectionError, "10.0.0.1:8080"));
        exception.Message.ShouldContain("connect timeout");
        Outcome outcome = balanced.Policy.Responses.ShouldHaveSingleItem();
        (outcome.Kind, outcome.ErrorType).ShouldBe((OutcomeKind.ConnectFailed, "timeout"));
    }

    [Fact]
    public async Task SendAsync_AlreadyCanceled_PicksNothing()
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(), Anywhere);
        CancellationToken canceled = new(canceled: true);

        await Should.ThrowAsync<OperationCanceledException>(() => balanced.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), canceled));
        Should.Throw<OperationCanceledException>(() => balanced.Invoker.Send(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), canceled));

        balanced.Policy.Hashes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_CanceledWhileWaiting_IsCanceledByTheCallersToken(bool hasContent)
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address);
        using CancellationTokenSource cancellation = new();
        using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/") { Content = hasContent ? new StringContent("x") : null };
        Task<HttpResponseMessage> sending = balanced.Invoker.SendAsync(request, cancellation.Token);
        balanced.InFlight.ShouldBe(1);

        await cancellation.CancelAsync();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        exception.CancellationToken.ShouldBe(cancellation.Token);
        balanced.InFlight.ShouldBe(0);
        balanced.Policy.Responses.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Canceled);
    }

    [Fact]
    public async Task SendAsync_HttpClientTimeout_IsCanceled()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address);
        balanced.Client.Timeout = TimeSpan.FromMilliseconds(50);

        // Shouldly makes an exception of its own of a canceled task.
        (await Assert.ThrowsAsync<TaskCanceledException>(() => balanced.Client.GetAsync("/"))).InnerException.ShouldBeOfType<TimeoutException>();

        balanced.Policy.Responses.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Canceled);
        balanced.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_HangingServer_TimesOut(bool hasContent)
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address, builder => builder.UseTimeProvider(clock).UseCircuitBreaker(breaker => breaker.Enabled = false));
        Task<HttpResponseMessage> sending = hasContent ? balanced.Client.PostAsync("/", new StringContent("x")) : balanced.Client.GetAsync("/");
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        sending.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromTicks(1));

        AttemptTimeoutException exception = await Should.ThrowAsync<AttemptTimeoutException>(() => sending);
        exception.Message.ShouldContain("orders");
        exception.Message.ShouldContain(balanced.Balancer.Backends[0].Id);
        exception.Message.ShouldContain("00:00:10");
        Outcome outcome = balanced.Policy.Responses.ShouldHaveSingleItem();
        (outcome.Kind, outcome.ErrorType).ShouldBe((OutcomeKind.Failed, "timeout"));
        balanced.InFlight.ShouldBe(0);
        clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_HangingServerOnTheSystemsClock_TimesOut()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address, builder => builder.UseAttemptTimeout(TimeSpan.FromMilliseconds(30)));

        await Should.ThrowAsync<AttemptTimeoutException>(() => balanced.Client.GetAsync("/"));
        Should.Throw<AttemptTimeoutException>(() => balanced.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")));

        balanced.InFlight.ShouldBe(0);
        balanced.Policy.Responses.ShouldAllBe(outcome => outcome.ErrorType == "timeout" && outcome.Kind == OutcomeKind.Failed);
    }

    [Fact]
    public async Task SendAsync_HeadersInTime_BodyMayTakeLonger()
    {
        FakeTimeProvider clock = new();
        TaskCompletionSource goOn = new();
        await using LoopbackServer server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("late");
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address, builder => builder.UseTimeProvider(clock).UseCircuitBreaker(breaker => breaker.Enabled = false));
        using HttpResponseMessage response = await balanced.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("x") }, HttpCompletionOption.ResponseHeadersRead);

        clock.ActiveTimers.ShouldBe(0);
        clock.Advance(TimeSpan.FromHours(1));
        goOn.SetResult();

        (await response.Content.ReadAsStringAsync()).ShouldBe("late");
        balanced.Policy.Completions.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Succeeded);
    }

    [Fact]
    public async Task SendAsync_Grpc_HasNoTimeout()
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address, builder => builder.UseTimeProvider(clock).UseCircuitBreaker(breaker => breaker.Enabled = false));
        using CancellationTokenSource cancellation = new();
        using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/grpc+proto");

        Task<HttpResponseMessage> sending = balanced.Invoker.SendAsync(request, cancellation.Token);

        clock.ActiveTimers.ShouldBe(0);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task SendAsync_RequestsOwnTimeout_Wins()
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using BalancedClient balanced = BalancedClient.Create(server.Address, builder => builder.UseTimeProvider(clock).UseCircuitBreaker(breaker => breaker.Enabled = false).UseAttemptTimeout(Timeout.InfiniteTimeSpan));
        using HttpRequestMessage request = new HttpRequestMessage(HttpMethod.Get, "/").SetAttemptTimeout(TimeSpan.FromSeconds(1));
        Task<HttpResponseMessage> sending = balanced.Client.SendAsync(request);
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<AttemptTimeoutException>(() => sending)).AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task SendAsync_HashKey_ReachesThePick()
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(), Anywhere);

        using HttpResponseMessage none = await balanced.Client.GetAsync("/");
        using HttpResponseMessage key = await balanced.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/").SetHashKey("user-42"));
        using HttpResponseMessage hash = await balanced.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/").SetHashKey("user-42").SetHash(7));

        balanced.Policy.Hashes.ShouldBe([null, PickRequest.ForKey("user-42").Hash, 7]);
    }

    [Fact]
    public async Task SendAsync_NoBackend_ThrowsAndSaysWhy()
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(), Anywhere);
        using HttpResponseMessage first = await balanced.Client.GetAsync("/");
        balanced.Balancer.Isolate("10.0.0.1:8080").ShouldBeTrue();

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => balanced.Client.GetAsync("/"));
        Should.Throw<NoBackendAvailableException>(() => balanced.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")));

        exception.Message.ShouldContain("10.0.0.1:8080");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_BeforeTheFirstBackends_WaitsForThem(bool synchronously)
    {
        ListSource source = new();
        using Balancer balancer = new BalancerBuilder("orders").AddSource(source).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler()));
        HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        Task<HttpResponseMessage> sending = synchronously ? Task.Run(() => invoker.Send(request, CancellationToken.None)) : invoker.SendAsync(request, CancellationToken.None);
        sending.IsCompleted.ShouldBeFalse();

        source.Publish([Anywhere]);

        using HttpResponseMessage response = await sending;
        response.GetBackend()!.Id.ShouldBe("10.0.0.1:8080");
    }

    [Fact]
    public async Task SendAsync_ManyCanceledAndTimedOut_LeavesNothingInFlightAndNeverMixesThem()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/hang")
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address);

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using CancellationTokenSource cancellation = new();
            bool hangs = i % 3 == 0;
            HttpRequestMessage request = new HttpRequestMessage(HttpMethod.Get, hangs ? "http://orders/hang" : "http://orders/")
                .SetAttemptTimeout(hangs && i % 2 == 0 ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromMinutes(1));
            Task<HttpResponseMessage> sending = balanced.Invoker.SendAsync(request, cancellation.Token);
            if (!hangs)
            {
                // Must never be ended by the timeout or the caller of another that had the same deadline before.
                (await sending).StatusCode.ShouldBe(HttpStatusCode.OK);
            }
            else if (i % 2 == 0)
            {
                await Should.ThrowAsync<AttemptTimeoutException>(() => sending);
            }
            else
            {
                await cancellation.CancelAsync();
                await Should.ThrowAsync<OperationCanceledException>(() => sending);
            }
        });

        balanced.InFlight.ShouldBe(0);
    }
}
