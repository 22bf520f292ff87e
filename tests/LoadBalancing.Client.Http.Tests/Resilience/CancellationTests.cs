using System.Collections.Concurrent;
using System.Diagnostics;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Requests that are given up at every stage leave nothing behind: no lease, no place in the budget, in the line or in a circuit, no span, no connection, no exception that nobody has seen.</summary>
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
        ConcurrentQueue<Exception> unobserved = [];
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        RequestDelegate[] servers =
        [
            context => { context.Response.StatusCode = 503; return Task.CompletedTask; },
            context => { context.Abort(); return Task.CompletedTask; },
            context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            async context => { await context.Response.WriteAsync(new string('x', 10_000)); },
        ];
        await using RetryPool pool = await RetryPool.StartAsync(servers, builder => builder
            .UsePolicy(new RandomPolicy())
            .UseCircuitBreaker(breaker => (breaker.Enabled, breaker.BreakDuration, breaker.MaxBreakDuration, breaker.PermitTimeout) =
                (true, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5), TimeSpan.FromDays(1)))
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

        CollectGarbage();
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        unobserved.ShouldBeEmpty();
        pool.InFlight.ShouldBe(0);
        RequestLine.Of(pool.Balancer).Waiting.ShouldBe(0);
        RetryBudget.Of(pool.Balancer).Held.ShouldBe(0);
        Volatile.Read(ref open).ShouldBe(0);
        Volatile.Read(ref seen).ShouldBeGreaterThan(0);

        await ShouldAllBePickedAsync(pool.Balancer);
        await ShouldHaveNoConnectionsAsync(pool, servers.Length);

        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs arguments)
        {
            // Other tests run beside this one, and may leave what they have found wrong of a server that is gone.
            if (arguments.Exception.ToString().Contains("LoadBalancing.Client.Http.", StringComparison.Ordinal) && arguments.Exception.InnerException is not ShouldAssertException)
            {
                unobserved.Enqueue(arguments.Exception);
            }
        }

        bool IsOurs(Activity span) => span.TraceId == caller.TraceId;
    }

    private static void CollectGarbage()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>A circuit that has lost a permit would be half-open for a day, with nobody let through.</summary>
    private static async Task ShouldAllBePickedAsync(Balancer balancer)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        HashSet<string> picked = [];
        while (picked.Count < balancer.Backends.Count)
        {
            limit.IsCancellationRequested.ShouldBeFalse($"only {string.Join(", ", picked)}: {balancer.Explain(default)}");
            if (balancer.TryPick(default, out BackendLease lease))
            {
                // As if it had gone well, so that the circuit closes.
                picked.Add(lease.Backend.Id);
                lease.Complete(Outcome.Succeeded);
            }

            await Task.Yield();
        }

        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
    }

    /// <summary>What is idle in the pool of the client ends with it; what a canceled request has left would not.</summary>
    private static async Task ShouldHaveNoConnectionsAsync(RetryPool pool, int count)
    {
        pool.Invoker.Dispose();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (Enumerable.Range(0, count).Sum(i => pool[i].OpenConnections) > 0)
        {
            limit.IsCancellationRequested.ShouldBeFalse($"{string.Join(", ", Enumerable.Range(0, count).Select(i => pool[i].OpenConnections))} connections are left.");
            await Task.Delay(1);
        }
    }
}
