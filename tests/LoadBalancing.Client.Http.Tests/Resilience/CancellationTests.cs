using System.Diagnostics;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Requests that are given up at every stage leave nothing behind: no lease, no place in the budget, no span, no connection.</summary>
public sealed class CancellationTests
{
    [Fact]
    public Task SendAsync_CanceledAtRandom_LeavesNothing() => RunAsync(500);

    [Fact]
    [Trait("Category", "Soak")]
    public Task SendAsync_CanceledAtRandomTenThousandTimes_LeavesNothing() => RunAsync(10_000);

    private static async Task RunAsync(int count)
    {
        int open = 0;
        int seen = 0;
        using Activity caller = new Activity("caller").Start();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == LoadBalancingTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = span =>
            {
                if (IsOurs(span))
                {
                    Interlocked.Increment(ref open);
                    Interlocked.Increment(ref seen);
                }
            },
            ActivityStopped = span => Interlocked.Add(ref open, IsOurs(span) ? -1 : 0),
        };
        ActivitySource.AddActivityListener(listener);
        RequestDelegate[] servers =
        [
            context => { context.Response.StatusCode = 503; return Task.CompletedTask; },
            context => { context.Abort(); return Task.CompletedTask; },
            context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            async context => { await context.Response.WriteAsync(new string('x', 10_000)); },
        ];
        await using RetryPool pool = await RetryPool.StartAsync(servers, builder => builder
            .UsePolicy(new RandomPolicy())
            .UseRequestTimeout(TimeSpan.FromMilliseconds(40))
            .UseRetries(retry => (retry.MaxAttempts, retry.BaseDelay, retry.Budget.MinRetries) = (4, TimeSpan.FromMilliseconds(4), count)));
        Random random = new(1);

        await Parallel.ForEachAsync(Enumerable.Range(0, count).Select(_ => (Milliseconds: random.Next(0, 30), Way: random.Next(3))), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (dice, _) =>
        {
            using CancellationTokenSource cancellation = new(TimeSpan.FromMilliseconds(dice.Milliseconds));
            using HttpRequestMessage request = new(dice.Way == 0 ? HttpMethod.Post : HttpMethod.Get, "http://orders/");
            try
            {
                using HttpResponseMessage response = dice.Way == 2 ? pool.Invoker.Send(request, cancellation.Token) : await pool.Invoker.SendAsync(request, cancellation.Token);
                await response.Content.ReadAsByteArrayAsync(cancellation.Token);
            }
            catch (OperationCanceledException exception)
            {
                cancellation.IsCancellationRequested.ShouldBeTrue(exception.Message);
            }
            catch (HttpRequestException exception)
            {
                (exception is BackendRequestException).ShouldBeTrue(exception.ToString());
            }
        });

        pool.InFlight.ShouldBe(0);
        RetryBudget.Of(pool.Balancer).Held.ShouldBe(0);
        Volatile.Read(ref open).ShouldBe(0);
        Volatile.Read(ref seen).ShouldBeGreaterThan(0);

        bool IsOurs(Activity span) => span.TraceId == caller.TraceId;
    }
}
