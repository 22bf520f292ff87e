using System.Collections.Concurrent;
using System.Diagnostics;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Telemetry;

/// <summary>Alone, because a listener hears of every request in the process.</summary>
[Collection(nameof(SpanTests))]
public sealed class SpanTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _started = [];
    private readonly ConcurrentQueue<Activity> _stopped = [];
    private readonly ActivityListener _listener;

    public SpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is LoadBalancingTelemetry.ActivitySourceName or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _started.Enqueue,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private Activity[] Attempts => [.. _stopped.Where(span => span.OperationName == "loadbalancing.attempt")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_SentTwice_HasASpanForEachAttemptUnderTheCallers(bool synchronously)
    {
        ConcurrentQueue<string> parents = [];
        RequestDelegate answer(int status) => context =>
        {
            parents.Enqueue(context.Request.Headers.TraceParent.ToString());
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        await using RetryPool pool = await RetryPool.StartAsync([answer(503), answer(200)]);
        using Activity caller = new Activity("caller").Start();
        using HttpRequestMessage request = new(HttpMethod.Get, "/");

        using HttpResponseMessage response = synchronously ? pool.Client.Send(request) : await pool.Client.SendAsync(request);

        Activity.Current.ShouldBeSameAs(caller);
        Attempts.Select(span => (span.GetTagItem("loadbalancing.backend.id"), span.GetTagItem("http.request.resend_count"), span.GetTagItem("http.response.status_code"), span.GetTagItem("error.type"), span.GetTagItem("loadbalancing.attempt.outcome")))
            .ShouldBe([("a", null, 503, "503", "failed"), ("b", 1, 200, null, "succeeded")]);
        Attempts.Select(span => span.Status).ShouldBe([ActivityStatusCode.Error, ActivityStatusCode.Unset]);
        Attempts.ShouldAllBe(span => span.ParentSpanId == caller.SpanId && Equals(span.GetTagItem("server.address"), "orders"));
        Attempts.Select(span => span.GetTagItem("network.peer.port")).ShouldBe([pool[0].Address.Port, pool[1].Address.Port]);

        // What each backend is told is the span of the request that it got, inside that of the attempt.
        Activity[] requests = [.. _stopped.Where(span => span.Source.Name == "System.Net.Http" && span.ParentId != null)];
        requests.Select(span => span.ParentSpanId).ShouldBe(Attempts.Select(span => span.SpanId));
        parents.ShouldBe(requests.Select(span => span.Id!));
    }

    [Fact]
    public async Task SendAsync_Hedged_HasSpansSideBySideAndNoErrorForTheLoser()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 1_000, 10], builder => builder.UseHedging(hedging => hedging.MaxHedges = 2));
        using Activity caller = new Activity("caller").Start();

        Task<HttpResponseMessage> sending = client.GetAsync();
        Activity.Current.ShouldBeSameAs(caller);
        client.Advance(110);
        (await sending).Dispose();

        Activity.Current.ShouldBeSameAs(caller);
        Activity[] inOrder = [.. Attempts.OrderBy(span => span.GetTagItem("loadbalancing.backend.id"))];
        inOrder.Select(span => (span.GetTagItem("loadbalancing.backend.id"), span.GetTagItem("http.request.resend_count"), span.GetTagItem("loadbalancing.attempt.hedge"), span.GetTagItem("loadbalancing.attempt.outcome"), span.Status)).ShouldBe(
        [
            ("a", null, null, "canceled", ActivityStatusCode.Unset),
            ("b", 1, true, "canceled", ActivityStatusCode.Unset),
            ("c", 2, true, "succeeded", ActivityStatusCode.Unset),
        ]);
        inOrder.ShouldAllBe(span => span.ParentSpanId == caller.SpanId);
        _started.Count(span => span.Source.Name == LoadBalancingTelemetry.ActivitySourceName).ShouldBe(3);
    }

    [Fact]
    public async Task SendAsync_InEveryWay_EverySpanThatStartsEnds()
    {
        await using LoopbackTcpServer hanging = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        await using RetryPool pool = RetryPool.At([UnusedPort.Address(), hanging.Address, server.Address], builder => { });
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> canceled = pool.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), cancellation.Token);
        while (_started.Count(span => span.OperationName == "loadbalancing.attempt") < 2)
        {
            await Task.Yield();
        }

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => canceled);
        using HttpRequestMessage broken = new(HttpMethod.Post, "http://orders/") { Content = new StreamContent(new ThrowingStream()) };
        await Should.ThrowAsync<FormatException>(() => pool.Invoker.SendAsync(broken.SetAttemptTimeout(TimeSpan.FromMinutes(1)), CancellationToken.None));
        Activity.Current.ShouldBeNull();
        Attempts.Select(span => span.GetTagItem("error.type")).ShouldBe(["connection_error", "canceled", "connection_error", "System.FormatException"]);
        Attempts.Select(span => span.GetTagItem("loadbalancing.attempt.outcome")).ShouldBe(["connect_failed", "canceled", "connect_failed", "none"]);
        _started.Count(span => span.Source.Name == LoadBalancingTelemetry.ActivitySourceName).ShouldBe(Attempts.Length);
    }

    public void Dispose() => _listener.Dispose();

    private sealed class ThrowingStream() : MemoryStream([1, 2, 3])
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new FormatException("broken");
    }

    [CollectionDefinition(nameof(SpanTests), DisableParallelization = true)]
    public sealed class Alone;
}
