using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>What hedges say about themselves, and about backends.</summary>
public sealed class HedgeMetricsTests
{
    [Theory]
    [InlineData(new[] { 1_000, 10 }, 200, 0, "won")]
    [InlineData(new[] { 60, 1_000 }, 200, 0, "lost")]
    [InlineData(new[] { 1_000, 10 }, 503, 0, "failed")]
    [InlineData(new[] { 1_000, 10 }, 0, 0, "failed")]
    [InlineData(new[] { 1_000, 1_000 }, 200, 70, "canceled")]
    [InlineData(new[] { 40, 10 }, 200, 0, "")]
    public async Task SendAsync_Hedge_IsCountedByWhatBecameOfIt(int[] milliseconds, int status, int canceledAfter, string outcome)
    {
        using HedgedClient client = HedgedClient.Create(milliseconds, [200, status]);
        ConcurrentQueue<string> counted = Listen(client.Balancer, LoadBalancingTelemetry.Hedges, out MeterListener listener);
        using CancellationTokenSource cancellation = new();

        Task<HttpResponseMessage> sending = client.GetAsync(cancellation.Token);
        if (canceledAfter > 0)
        {
            client.Advance(canceledAfter);
            cancellation.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }
        else
        {
            client.Advance(1_000);
            (await sending).Dispose();
        }

        listener.Dispose();
        counted.ShouldBe(outcome.Length == 0 ? [] : [$"1 server.address=orders loadbalancing.hedge.outcome={outcome}"]);
    }

    [Fact]
    public async Task SendAsync_BudgetIsSpent_IsCounted()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10], builder => builder.UseRetries(retry => (retry.Budget.Ratio, retry.Budget.MinRetries) = (0, 0)));
        ConcurrentQueue<string> counted = Listen(client.Balancer, LoadBalancingTelemetry.BudgetExhausted, out MeterListener listener);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(1_000);
        (await sending).Dispose();

        listener.Dispose();
        counted.ShouldBe(["1 server.address=orders"]);
    }

    [Theory]
    [InlineData(LoadBalancingTelemetry.Hedges)]
    [InlineData(LoadBalancingTelemetry.Picks)]
    public async Task SendAsync_ListenerThrows_LeavesNothing(string name)
    {
        using HedgedClient client = HedgedClient.Create([1_000, 1_000]);
        Task<HttpResponseMessage> sending = client.GetAsync();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == name && ReferenceEquals(instrument.Meter, client.Balancer.Meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new FormatException("mine"));
        listener.Start();

        client.Advance(50);
        client.Advance(2_000);

        if (name == LoadBalancingTelemetry.Picks)
        {
            // There is no hedge then; the first attempt goes on.
            (await sending).Dispose();
        }
        else
        {
            await Should.ThrowAsync<FormatException>(() => sending);
        }

        RetryBudget.Of(client.Balancer).Held.ShouldBe(0);
        client.Backends.Running.ShouldBe(0);
        client.Backends.OpenBodies.ShouldBe(0);
        listener.Dispose();
        for (int i = 0; i < 100 && client.InFlight.Sum() > 0; i++)
        {
            // A pick that threw has left its lease to the garbage collector.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(1);
        }

        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_Lost_SaysNothingOfTheBackendButThatItTookThisLong()
    {
        RecordingPolicy policy = new();
        using HedgedClient client = HedgedClient.Create([1_000, 10], builder => builder.UsePolicy(policy));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(60);
        (await sending).Dispose();

        policy.Responses.Select(outcome => outcome.Kind).ShouldBe([OutcomeKind.Succeeded, OutcomeKind.Canceled]);
    }

    [Fact]
    public async Task SendAsync_LateAnswerOfALoser_IsNeitherSuccessNorFailure()
    {
        RecordingPolicy policy = new();
        using HedgedClient client = HedgedClient.Create([1_000, 10], [503, 200], builder => builder.UsePolicy(policy), isDeaf: true);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(60);
        (await sending).Dispose();
        client.Advance(940);

        policy.Responses.Select(outcome => outcome.Kind).ShouldBe([OutcomeKind.Succeeded, OutcomeKind.Canceled]);
        client.ShouldBeIdle();
    }

    private static ConcurrentQueue<string> Listen(Balancer balancer, string name, out MeterListener listener)
    {
        ConcurrentQueue<string> counted = new();
        listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                // All balancers have meters of one name: only this one's counts.
                if (instrument.Name == name && ReferenceEquals(instrument.Meter, balancer.Meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.Enqueue($"{value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        return counted;
    }
}
