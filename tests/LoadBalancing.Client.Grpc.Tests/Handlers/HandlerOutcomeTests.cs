using Grpc.Core;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Grpc.Tests.Calls;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Handlers;

/// <summary>What calls through handlers say about their backends: the same as calls of balanced channels.</summary>
public sealed class HandlerOutcomeTests
{
    private readonly ObservingPolicy _policy = new();

    public static TheoryData<StatusCode, OutcomeKind, string?> Statuses => new()
    {
        { StatusCode.Unavailable, OutcomeKind.Failed, "UNAVAILABLE" },
        { StatusCode.Internal, OutcomeKind.Failed, "INTERNAL" },
        { StatusCode.Unknown, OutcomeKind.Failed, "UNKNOWN" },
        { StatusCode.DataLoss, OutcomeKind.Failed, "DATA_LOSS" },
        { StatusCode.ResourceExhausted, OutcomeKind.Failed, "RESOURCE_EXHAUSTED" },
        { StatusCode.DeadlineExceeded, OutcomeKind.Failed, "DEADLINE_EXCEEDED" },
        { StatusCode.Cancelled, OutcomeKind.Canceled, null },
        { StatusCode.NotFound, OutcomeKind.Succeeded, null },
        { StatusCode.InvalidArgument, OutcomeKind.Succeeded, null },
        { StatusCode.Unauthenticated, OutcomeKind.Succeeded, null },
        { StatusCode.Unimplemented, OutcomeKind.Succeeded, null },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Unary_EndsInAStatus_SaysSo(StatusCode code, OutcomeKind kind, string? errorType)
    {
        await using HandlerPool pool = await StartAsync();
        pool.Servers[0].FailWith(code);

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, code);

        (await ReportAsync()).ShouldBe((kind, errorType));
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Stream_EndsInAStatusAfterItsHeaders_SaysSo(StatusCode code, OutcomeKind kind, string? errorType)
    {
        await using HandlerPool pool = await StartAsync();
        pool.Servers[0].FailWith(code);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = pool.CreateClient().Chat();
        await chat.ResponseHeadersAsync.Soon();
        _policy.Reports.ShouldBeEmpty("status 200 says nothing");

        await chat.RequestStream.CompleteAsync().Soon();
        await FailAsync(chat.ResponseStream.MoveNext(CancellationToken.None), code);

        (await ReportAsync()).ShouldBe((kind, errorType));
        _policy.Reports.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Stream_FailsAfterAMessage_IsASuccessThatFailsLate()
    {
        await using HandlerPool pool = await StartAsync();
        pool.Servers[0].FailWith(StatusCode.Internal);
        using AsyncServerStreamingCall<EchoReply> watch = pool.CreateClient().Watch(new EchoRequest());
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        _policy.Reports.ShouldHaveSingleItem().Outcome.Kind.ShouldBe(OutcomeKind.Succeeded);

        pool.Servers[0].EndStreams();
        await FailAsync(watch.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Internal);

        _policy.Reports[1].Outcome.Kind.ShouldBe(OutcomeKind.Failed);
    }

    /// <summary>A stream may be silent for an hour: that the backend took so long to answer would be wrong.</summary>
    [Fact]
    public async Task Stream_FirstMessageIsLate_HasTheLatencyOfItsHeaders()
    {
        await using HandlerPool pool = await StartAsync();
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = pool.CreateClient().Chat();
        await chat.ResponseHeadersAsync.Soon();

        pool.Clock.Advance(TimeSpan.FromHours(1));
        await chat.RequestStream.WriteAsync(new EchoRequest()).Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();

        ObservingPolicy.Report report = _policy.Reports.ShouldHaveSingleItem();
        (report.Phases, report.Outcome.Kind, report.Latency).ShouldBe((AttemptPhases.Response, OutcomeKind.Succeeded, TimeSpan.Zero));
    }

    /// <summary>The caller had enough before there was any message; how long it listened is no latency.</summary>
    [Fact]
    public async Task Stream_DisposedBeforeAMessage_HasTheLatencyOfItsHeaders()
    {
        await using HandlerPool pool = await StartAsync();
        AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = pool.CreateClient().Chat();
        await chat.ResponseHeadersAsync.Soon();

        pool.Clock.Advance(TimeSpan.FromHours(1));
        chat.Dispose();

        (await ReportAsync()).ShouldBe((OutcomeKind.Canceled, null));
        _policy.Reports.ShouldHaveSingleItem().Latency.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Unary_Succeeds_CountsItsBytes()
    {
        await using HandlerPool pool = await StartAsync();

        await pool.CreateClient().UnaryAsync(new EchoRequest { Text = new string('x', 1000) }).ResponseAsync.Soon();

        _policy.Reports.Select(report => (report.Phases, report.Outcome.Kind)).ShouldBe([(AttemptPhases.Response, OutcomeKind.Succeeded), (AttemptPhases.Completion, OutcomeKind.Succeeded)]);
        _policy.Reports[^1].Outcome.Bytes.ShouldBeInRange(1000, 1020);
    }

    [Fact]
    public async Task Call_CanceledByItsCaller_SaysNothingBad()
    {
        await using HandlerPool pool = await StartAsync();
        pool.Servers[0].BeforeAnswer = HangAsync;
        using CancellationTokenSource caller = new();
        AsyncUnaryCall<EchoReply> call = pool.CreateClient().UnaryAsync(new EchoRequest(), cancellationToken: caller.Token);
        await Wait.UntilAsync(() => pool.Servers[0].Calls == 1);

        pool.Clock.Advance(TimeSpan.FromMinutes(1));
        await caller.CancelAsync();
        await FailAsync(call.ResponseAsync, StatusCode.Cancelled);

        (await ReportAsync()).ShouldBe((OutcomeKind.Canceled, null));
    }

    [Theory]
    [InlineData(5, 0, true, OutcomeKind.Canceled, null)]
    [InlineData(15, 0, true, OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    [InlineData(5, 3, true, OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    [InlineData(5, 3, false, OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    public async Task Call_EndedByItsDeadline_CountsIfItTookLongerThanAnAttemptMay(int seconds, int attemptTimeout, bool retries, OutcomeKind kind, string? errorType)
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(1, balancer =>
        {
            balancer.UsePolicy(_policy).UseRetries(retry => retry.Enabled = retries);
            if (attemptTimeout > 0)
            {
                balancer.UseAttemptTimeout(TimeSpan.FromSeconds(attemptTimeout));
            }
        });
        TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // The server must not be the one that notices the deadline first: that is a status of its own.
        pool.Servers[0].BeforeAnswer = _ => hangs.Task;
        Task<EchoReply> call = pool.CreateClient().UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddSeconds(1)).ResponseAsync;
        await Wait.UntilAsync(() => pool.Servers[0].Calls == 1);

        // By the balancer's clock, this is how long the call takes.
        pool.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await FailAsync(call, StatusCode.DeadlineExceeded);

        (await ReportAsync()).ShouldBe((kind, errorType));
        hangs.SetResult();
    }

    [Fact]
    public async Task Call_WhoseConnectionBreaks_IsAFailure()
    {
        await using HandlerPool pool = await StartAsync();
        pool.Servers[0].BeforeAnswer = context =>
        {
            pool.Servers[0].Loopback.AbortConnections();
            return HangAsync(context);
        };

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Unavailable);

        (await ReportAsync()).Kind.ShouldBe(OutcomeKind.Failed);
        pool.Servers[0].Calls.ShouldBe(1, "gRPC retries by its own rules, the handler not at all");
    }

    [Theory]
    [InlineData(503, "text/html", StatusCode.Unavailable, "UNAVAILABLE")]
    [InlineData(404, "text/html", StatusCode.Unimplemented, null)]
    [InlineData(200, "text/html", StatusCode.Cancelled, "UNKNOWN")]
    public async Task Call_AnsweredByWhatDoesNotSpeakGrpc_IsJudgedByTheHttpStatus(int status, string contentType, StatusCode expected, string? errorType)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.ContentType = contentType;
                return context.Response.WriteAsync("no gRPC here");
            },
            new LoopbackServerOptions { Protocols = HttpProtocols.Http2 });
        await using HandlerPool pool = await HandlerPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a" }).UsePolicy(_policy));

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, expected);

        (await ReportAsync()).ShouldBe((errorType is null ? OutcomeKind.Succeeded : OutcomeKind.Failed, errorType));
        pool.InFlight.ShouldBe([0]);
    }

    [Fact]
    public async Task Connect_Refused_IsAFailedConnect()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(UnusedPort.Address()) { Id = "a" }).UsePolicy(_policy).UseRetries(retry => retry.Enabled = false));

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Unavailable);

        (await ReportAsync()).ShouldBe((OutcomeKind.ConnectFailed, "connection_error"));
    }

    /// <summary>UNAVAILABLE is what gRPC retries, and what its users expect.</summary>
    [Fact]
    public async Task Call_WithoutABackend_IsUnavailableAndSaysWhy()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(2);
        pool.Balancer.Isolate("a");
        pool.Balancer.Isolate("b");

        RpcException exception = await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Unavailable);

        exception.Status.Detail.ShouldContain("No backend can take the request. orders: least_request");
        exception.Status.DebugException.ShouldBeOfType<NoBackendAvailableException>().Explanation!.BackendCount.ShouldBe(2);
    }

    [Fact]
    public async Task Circuit_OfABackendThatAnswersInternal_OpensWithTheFifthCall()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(2, balancer => balancer.UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = pool.CreateClient();
        pool.Servers[0].FailWith(StatusCode.Internal);

        int failed = 0;
        for (int i = 0; i < 100; i++)
        {
            try
            {
                await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
            }
            catch (RpcException)
            {
                failed++;
            }
        }

        failed.ShouldBe(5);
        pool["a"].Circuit.ShouldBe(CircuitState.Open);
        pool.Servers[1].Calls.ShouldBe(95);
    }

    private static async Task HangAsync(ServerCallContext context) => await Task.Delay(Timeout.Infinite, context.CancellationToken);

    private static async Task<RpcException> FailAsync(Task call, StatusCode code)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.Soon());
        exception.StatusCode.ShouldBe(code, exception.Status.Detail);
        return exception;
    }

    private Task<HandlerPool> StartAsync() => HandlerPool.StartAsync(1, balancer => balancer.UsePolicy(_policy));

    /// <summary>What the one attempt has said, when it is over.</summary>
    private async Task<(OutcomeKind Kind, string? ErrorType)> ReportAsync()
    {
        await Wait.UntilAsync(() => _policy.Reports.Any(report => report.Phases.HasFlag(AttemptPhases.Completion)));
        Outcome outcome = _policy.Reports[^1].Outcome;
        return (outcome.Kind, outcome.ErrorType);
    }
}
