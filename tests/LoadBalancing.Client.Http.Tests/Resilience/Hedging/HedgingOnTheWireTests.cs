using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>Hedged requests between real clients and servers.</summary>
public sealed class HedgingOnTheWireTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _firstAborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task SendAsync_HedgeWins_FirstIsAbortedAndTheWinnersBodyIsWhole(HttpProtocols protocol)
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RetryPool pool = await StartAsync(protocol, HangAsync, async context =>
        {
            await context.Response.WriteAsync("first half, ");
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("second half");
        });
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/items");
        Task<HttpResponseMessage> sending = SendAsync(pool, request, protocol);
        await HedgeAsync(() => pool.Counts[0] == 1);

        HttpResponseMessage response = await sending;
        await _firstAborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
        goOn.SetResult();

        (await response.Content.ReadAsStringAsync()).ShouldBe("first half, second half");
        response.GetBackend()!.Id.ShouldBe("b");
        response.RequestMessage.ShouldBeSameAs(request);
        response.Version.ShouldBe(request.Version);
        response.Dispose();
        await ShouldBecomeIdleAsync(pool);
        pool.Counts.ShouldBe([1, 1]);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task SendAsync_Hedged_EachServerGetsAllAndTheRequestIsAsItWas(HttpProtocols protocol)
    {
        List<string> bodies = [];
        async Task ReadAsync(HttpContext context)
        {
            using StreamReader reader = new(context.Request.Body);
            string body = await reader.ReadToEndAsync(context.RequestAborted);
            lock (bodies)
            {
                bodies.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.ContentType} {context.Request.Headers["X-Mine"]} {body}");
            }
        }

        await using RetryPool pool = await StartAsync(
            protocol,
            async context =>
            {
                await ReadAsync(context);
                await HangAsync(context);
            },
            ReadAsync);
        using HttpRequestMessage request = new(HttpMethod.Put, "http://orders/items?x=%41") { Content = new StringContent("hello"), Headers = { { "X-Mine", ["1", "2"] } } };
        request.Content.Headers.ContentLength.ShouldBe(5); // Shows up in the text once somebody has asked for it.
        string text = request.ToString();
        for (int i = 0; i < 2; i++)
        {
            int before = bodies.Count;
            Task<HttpResponseMessage> sending = SendAsync(pool, request, protocol);
            await HedgeAsync(() => bodies.Count == before + 1);

            using HttpResponseMessage response = await sending;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            request.Version = HttpVersion.Version11;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            request.ToString().ShouldBe(text);
            (await request.Content.ReadAsStringAsync()).ShouldBe("hello");
            await ShouldBecomeIdleAsync(pool);
        }

        bodies.Count.ShouldBe(4);
        bodies.ShouldAllBe(body => body == "PUT /items?x=A text/plain; charset=utf-8 1, 2 hello");
    }

    [Fact]
    public async Task SendAsync_CallerCancels_BothServersSeeIt()
    {
        TaskCompletionSource secondAborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RetryPool pool = await StartAsync(HttpProtocols.Http1, HangAsync, context => HangAsync(context, secondAborted));
        using CancellationTokenSource cancellation = new();
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/items");
        Task<HttpResponseMessage> sending = SendAsync(pool, request, HttpProtocols.Http1, cancellation.Token);
        await HedgeAsync(() => pool.Counts[0] == 1);
        await WaitUntilAsync(() => pool.Counts[1] == 1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Task.WhenAll(_firstAborted.Task, secondAborted.Task).WaitAsync(TimeSpan.FromSeconds(30));
        await ShouldBecomeIdleAsync(pool);
    }

    [Fact]
    public async Task SendAsync_PostWithoutKey_IsSeenOnce()
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RetryPool pool = await StartAsync(HttpProtocols.Http1, _ => answer.Task, _ => Task.CompletedTask);
        using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/items") { Content = new StringContent("once") };
        Task<HttpResponseMessage> sending = SendAsync(pool, request, HttpProtocols.Http1);
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        answer.SetResult();

        (await sending).Dispose();
        pool.Counts.ShouldBe([1, 0]);
    }

    private Task<RetryPool> StartAsync(HttpProtocols protocol, params RequestDelegate[] servers) =>
        RetryPool.StartAsync(servers, builder => builder.UseTimeProvider(_clock).UseHedging(hedging => hedging.Delay = TimeSpan.FromMilliseconds(50)), protocol);

    private static Task<HttpResponseMessage> SendAsync(RetryPool pool, HttpRequestMessage request, HttpProtocols protocol, CancellationToken cancellationToken = default)
    {
        (request.Version, request.VersionPolicy) = protocol == HttpProtocols.Http2
            ? (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)
            : (HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower);
        return pool.Invoker.SendAsync(request, cancellationToken);
    }

    /// <summary>Sends the hedge, but not before the first has arrived. The timers are that of the attempt's time and that of the hedge.</summary>
    private async Task HedgeAsync(Func<bool> hasArrived)
    {
        await _clock.WaitForTimersAsync(2);
        await WaitUntilAsync(hasArrived);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
    }

    private Task HangAsync(HttpContext context) => HangAsync(context, _firstAborted);

    private static async Task HangAsync(HttpContext context, TaskCompletionSource aborted)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        finally
        {
            aborted.TrySetResult();
        }
    }

    /// <summary>The loser's end may come a little later than the answer.</summary>
    private async Task ShouldBecomeIdleAsync(RetryPool pool)
    {
        await WaitUntilAsync(() => (pool.InFlight, _clock.ActiveTimers) == (0, 0));
        (pool.InFlight, _clock.ActiveTimers).ShouldBe((0, 0));
    }

    /// <summary>With a bound: what follows fails if it never comes.</summary>
    private static async Task WaitUntilAsync(Func<bool> isThere)
    {
        for (int i = 0; i < 3_000 && !isThere(); i++)
        {
            await Task.Delay(10);
        }
    }
}
