using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>What calls say about their backends.</summary>
public sealed class OutcomeTests
{
    private readonly ObservingPolicy _policy = new();

    [Theory]
    [Statuses(ServerKind.AspNetCore)]
    [Statuses(ServerKind.GrpcJs)]
    public async Task Unary_EndsInAStatus_SaysSo(ServerKind servers, StatusCode code, OutcomeKind kind, string? errorType)
    {
        await using BalancedPool pool = await StartAsync(servers);
        await pool.Peers[0].FailWithAsync(code);

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, code);

        (await ReportAsync()).ShouldBe((kind, errorType));
    }

    [Theory]
    [Statuses(ServerKind.AspNetCore)]
    [Statuses(ServerKind.GrpcJs)]
    public async Task Stream_EndsInAStatusAfterItsHeaders_SaysSo(ServerKind servers, StatusCode code, OutcomeKind kind, string? errorType)
    {
        await using BalancedPool pool = await StartAsync(servers);
        await pool.Peers[0].FailWithAsync(code);
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = pool.CreateClient().Chat();
        await chat.ResponseHeadersAsync.Soon();

        await chat.RequestStream.CompleteAsync().Soon();
        await FailAsync(chat.ResponseStream.MoveNext(CancellationToken.None), code);

        (await ReportAsync()).ShouldBe((kind, errorType));
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Stream_FailsAfterAMessage_IsASuccessThatFailsLate(ServerKind servers)
    {
        await using BalancedPool pool = await StartAsync(servers);
        await pool.Peers[0].FailWithAsync(StatusCode.Internal);
        using AsyncServerStreamingCall<EchoReply> watch = pool.CreateClient().Watch(new EchoRequest());
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        _policy.Reports.ShouldHaveSingleItem().Outcome.ShouldBe(Outcome.Succeeded);

        await pool.Peers[0].EndStreamsAsync();
        await FailAsync(watch.ResponseStream.MoveNext(CancellationToken.None), StatusCode.Internal);

        _policy.Reports[1].Outcome.Kind.ShouldBe(OutcomeKind.Failed);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Unary_Succeeds_CountsItsBytes(ServerKind servers)
    {
        await using BalancedPool pool = await StartAsync(servers);

        await pool.CreateClient().UnaryAsync(new EchoRequest { Text = new string('x', 1000) }).ResponseAsync.Soon();

        _policy.Reports[^1].Outcome.Kind.ShouldBe(OutcomeKind.Succeeded);
        _policy.Reports[^1].Outcome.Bytes.ShouldBeInRange(1000, 1020);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Call_CanceledByItsCaller_SaysNothingBad(ServerKind servers)
    {
        await using BalancedPool pool = await StartAsync(servers);
        await pool.Peers[0].HoldAsync();
        using CancellationTokenSource caller = new();
        AsyncUnaryCall<EchoReply> call = pool.CreateClient().UnaryAsync(new EchoRequest(), cancellationToken: caller.Token);
        await pool.UntilCalledAsync(1);

        await caller.CancelAsync();
        await FailAsync(call.ResponseAsync, StatusCode.Cancelled);

        (await ReportAsync()).ShouldBe((OutcomeKind.Canceled, null));
    }

    [Theory]
    [InlineData(5, 0, OutcomeKind.Canceled, null)]
    [InlineData(15, 0, OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    [InlineData(5, 3, OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    public async Task Call_EndedByItsDeadline_CountsIfItTookLongerThanAnAttemptMay(int seconds, int attemptTimeout, OutcomeKind kind, string? errorType)
    {
        await using EchoPool pool = await EchoPool.StartAsync(1, balancer =>
        {
            balancer.UsePolicy(_policy);
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
    public async Task Call_WhoseTlsHandshakeFails_IsAFailedConnect()
    {
        using var certificate = TestCertificates.CreateSelfSigned("orders.example");
        await using EchoServer server = await EchoServer.StartAsync("a", certificate);
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a", HostName = "orders.example" }).UsePolicy(_policy));

        // Nobody has told the channel to trust this certificate.
        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Internal);

        (await ReportAsync()).ShouldBe((OutcomeKind.ConnectFailed, "secure_connection_error"));
    }

    [Fact]
    public async Task Call_WhoseConnectionBreaks_IsAFailure()
    {
        await using EchoPool pool = await StartAsync();
        pool.Servers[0].BeforeAnswer = context =>
        {
            pool.Servers[0].Loopback.AbortConnections();
            return HangAsync(context);
        };

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Unavailable);

        (await ReportAsync()).Kind.ShouldBe(OutcomeKind.Failed);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Call_WhoseServerDies_IsAFailure(ServerKind servers)
    {
        await using BalancedPool pool = await StartAsync(servers);
        await pool.Peers[0].HoldAsync();
        Task<EchoReply> call = pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync;
        await pool.UntilCalledAsync(1);

        await pool.Peers[0].DisposeAsync();
        await FailAsync(call, StatusCode.Unavailable);

        // There may be more by now: the channel tries to connect again.
        _policy.Reports.ShouldContain(report => report.Outcome.Kind == OutcomeKind.Failed);
    }

    [Theory]
    [InlineData(503, "text/html", StatusCode.Unavailable, "UNAVAILABLE")]
    [InlineData(200, "text/html", StatusCode.Cancelled, "UNKNOWN")]
    public async Task Call_AnsweredByWhatDoesNotSpeakGrpc_IsAFailure(int status, string contentType, StatusCode expected, string errorType)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.ContentType = contentType;
                return context.Response.WriteAsync("no gRPC here");
            },
            new LoopbackServerOptions { Protocols = HttpProtocols.Http2 });
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a" }).UsePolicy(_policy));

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, expected);

        (await ReportAsync()).ShouldBe((OutcomeKind.Failed, errorType));
    }

    [Fact]
    public async Task Connect_Refused_IsAFailedConnectOfThatBackend()
    {
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(UnusedPort.Address()) { Id = "a" }).UsePolicy(_policy));

        await FailAsync(pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync, StatusCode.Unavailable);

        (await ReportAsync()).ShouldBe((OutcomeKind.ConnectFailed, "connection_error"));
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Circuit_OfABackendThatAnswersInternal_OpensWithTheFifthCall(ServerKind servers)
    {
        await using BalancedPool pool = await BalancedPool.StartAsync(servers, 2, balancer => balancer.UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = await pool.ConnectAsync();
        await pool.Peers[0].FailWithAsync(StatusCode.Internal);

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
        (await pool.Peers[1].CountCallsAsync()).ShouldBe(95);
    }

    private static async Task HangAsync(ServerCallContext context) => await Task.Delay(Timeout.Infinite, context.CancellationToken);

    private static async Task FailAsync(Task call, StatusCode code) => (await Assert.ThrowsAsync<RpcException>(() => call.Soon())).StatusCode.ShouldBe(code);

    private Task<EchoPool> StartAsync() => EchoPool.StartAsync(1, balancer => balancer.UsePolicy(_policy));

    private Task<BalancedPool> StartAsync(ServerKind servers) => BalancedPool.StartAsync(servers, 1, balancer => balancer.UsePolicy(_policy));

    /// <summary>What the one attempt has said, when it is over.</summary>
    private async Task<(OutcomeKind Kind, string? ErrorType)> ReportAsync()
    {
        await Wait.UntilAsync(() => _policy.Reports.Any(report => report.Phases.HasFlag(Backends.AttemptPhases.Completion)));
        Outcome outcome = _policy.Reports[^1].Outcome;
        return (outcome.Kind, outcome.ErrorType);
    }

    private sealed class StatusesAttribute(ServerKind servers) : ServersAttribute(servers)
    {
        public override IEnumerable<object?[]> GetData(MethodInfo testMethod) =>
        [
            [Kind, StatusCode.Unavailable, OutcomeKind.Failed, "UNAVAILABLE"],
            [Kind, StatusCode.Internal, OutcomeKind.Failed, "INTERNAL"],
            [Kind, StatusCode.Unknown, OutcomeKind.Failed, "UNKNOWN"],
            [Kind, StatusCode.DataLoss, OutcomeKind.Failed, "DATA_LOSS"],
            [Kind, StatusCode.ResourceExhausted, OutcomeKind.Failed, "RESOURCE_EXHAUSTED"],
            [Kind, StatusCode.DeadlineExceeded, OutcomeKind.Failed, "DEADLINE_EXCEEDED"],
            [Kind, StatusCode.Cancelled, OutcomeKind.Canceled, null],
            [Kind, StatusCode.NotFound, OutcomeKind.Succeeded, null],
            [Kind, StatusCode.InvalidArgument, OutcomeKind.Succeeded, null],
            [Kind, StatusCode.Unauthenticated, OutcomeKind.Succeeded, null],
            [Kind, StatusCode.Unimplemented, OutcomeKind.Succeeded, null],
        ];
    }
}
