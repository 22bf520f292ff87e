using LoadBalancing.Client.Http.Resilience.Hedging;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>When requests are hedged: after what recent ones took.</summary>
public sealed class HedgeTimingTests
{
    /// <summary>How long a takes, and with which status it answers, until a test says otherwise.</summary>
    private int _milliseconds = 20;
    private int _status = 200;

    [Fact]
    public async Task SendAsync_EnoughSamples_HedgesAfterThePercentile()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.Percentile, hedging.MinSamples) = (null, 0.9, 10));
        for (_milliseconds = 10; _milliseconds < 100; _milliseconds += 10)
        {
            await SendAsync(client);
        }

        // Nine samples are too few.
        await ShouldBeHedgedAfterAsync(client, null);

        // That one was the tenth: 10, 20, … 90, 1000. Nine in ten took no longer than 90 ms.
        client.Advance(250);
        await ShouldBeHedgedAfterAsync(client, Measured(90));
    }

    [Fact]
    public async Task SendAsync_TooFewSamplesAndADelay_HedgesAfterTheDelay()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.Percentile, hedging.MinSamples) = (TimeSpan.FromMilliseconds(300), 0.5, 3));
        await SendAsync(client);
        await SendAsync(client);
        await ShouldBeHedgedAfterAsync(client, 300);

        client.Advance(250);

        await ShouldBeHedgedAfterAsync(client, Measured(20));
    }

    [Fact]
    public async Task SendAsync_NothingForHalfAMinute_KnowsNothingAnyMore()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.MinSamples) = (null, 3));
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(client);
        }

        client.Advance(250);
        await ShouldBeHedgedAfterAsync(client, Measured(20));

        client.Advance(30_000);

        await ShouldBeHedgedAfterAsync(client, null);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task SendAsync_FastFailures_AreNoSamples(int status)
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.MinSamples) = (null, 3));
        await SendAsync(client);
        await SendAsync(client);
        (_milliseconds, _status) = (1, status);
        for (int i = 0; i < 20; i++)
        {
            await SendAsync(client);
        }

        _status = 200;
        await ShouldBeHedgedAfterAsync(client, null);
    }

    [Fact]
    public async Task SendAsync_FirstLost_CountsWithTheTimeItHad()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.Percentile, hedging.MinSamples) = (TimeSpan.FromMilliseconds(50), 0.95, 10));
        _milliseconds = 1_000;
        for (int i = 0; i < 10; i++)
        {
            await SendAsync(client);
        }

        // All were ended after 50 ms and the 10 ms of the hedge.
        Window(client).FindPercentile(0.95, 10, client.Clock.GetTimestamp()).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(60, 61);
    }

    [Fact]
    public async Task SendAsync_HedgeTakesItsTime_IsNoSample()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.Percentile, hedging.MinSamples) = (TimeSpan.FromMilliseconds(10), 0.95, 1));
        _milliseconds = 15;
        await SendAsync(client);

        // The hedge would have taken from 10 to 20 ms.
        Window(client).FindPercentile(1, 1, client.Clock.GetTimestamp()).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(15, 15.3);
        Window(client).FindPercentile(1, 2, client.Clock.GetTimestamp() + TimeSpan.TicksPerSecond).ShouldBeNull();
    }

    [Fact]
    public async Task SendAsync_TimedOut_CountsWithTheTimeout()
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.MinSamples) = (null, 1), builder => builder.UseAttemptTimeout(TimeSpan.FromMilliseconds(700)));
        _milliseconds = 1_000;
        await SendAsync(client);

        Window(client).FindPercentile(0.95, 1, client.Clock.GetTimestamp()).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(700, 711);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(25, true)]
    public async Task SendAsync_CallerCancels_CountsIfItTookAsLongAsTheDelay(int canceledAfter, bool isSample)
    {
        using HedgedClient client = Create(hedging => (hedging.Delay, hedging.MinSamples) = (null, 1));
        await SendAsync(client);
        client.Advance(250);
        _milliseconds = 1_000;
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> sending = client.GetAsync(cancellation.Token);
        client.Advance(canceledAfter);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        client.Advance(1_000);
        TimeSpan? second = Window(client).FindPercentile(1, 2, client.Clock.GetTimestamp());
        (second is not null).ShouldBe(isSample);
    }

    /// <summary>b always takes 10 ms; a what the test says.</summary>
    private HedgedClient Create(Action<HedgingOptions> configure, Action<BalancerBuilder>? further = null) => HedgedClient.Create(
        request => request.RequestUri!.Host == "a" ? (TimeSpan.FromMilliseconds(_milliseconds), _status) : (TimeSpan.FromMilliseconds(10), 200),
        builder =>
        {
            builder.UseHedging(configure);
            further?.Invoke(builder);
        },
        count: 2);

    private static LatencyWindow Window(HedgedClient client) => LatencyWindow.Of(client.Balancer);

    /// <summary>What becomes of a sample: the end of its bucket, in whole milliseconds.</summary>
    private static int Measured(int milliseconds) => (int)Math.Ceiling(LatencyBuckets.EndOf(LatencyBuckets.IndexOf(TimeSpan.FromMilliseconds(milliseconds))).TotalMilliseconds);

    private static async Task SendAsync(HedgedClient client)
    {
        // Whatever waits for the clock goes on in Advance, if there is no context; and xunit sets one for each test.
        await Task.Run(() =>
        {
            Task<HttpResponseMessage> sending = client.GetAsync();
            client.Advance(1_000);
            sending.IsCompletedSuccessfully.ShouldBeTrue();
#pragma warning disable xUnit1031 // It is complete.
            sending.Result.Dispose();
#pragma warning restore xUnit1031
        });
    }

    /// <summary>Lets a take a second, so that any hedge is sent.</summary>
    private async Task ShouldBeHedgedAfterAsync(HedgedClient client, int? milliseconds)
    {
        int before = client.Backends.Asked.Count;
        _milliseconds = 1_000;
        await Task.Run(() =>
        {
            Task<HttpResponseMessage> sending = client.GetAsync();
            int waited = 0;
            while (client.Backends.Asked.Count == before + 1 && waited < 1_000)
            {
                client.Advance(1);
                waited++;
            }

            (waited < 1_000 ? waited : null as int?).ShouldBe(milliseconds);
            client.Advance(1_000);
#pragma warning disable xUnit1031 // It is complete.
            sending.Result.Dispose();
#pragma warning restore xUnit1031
        });
    }
}
