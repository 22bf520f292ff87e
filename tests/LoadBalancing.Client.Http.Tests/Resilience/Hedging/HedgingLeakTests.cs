using System.Collections.Concurrent;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>Thousands of requests at random: slow and fast, refused and answered, canceled and timed out, hedged and retried, with circuits that open and close. Nothing is left of any of them.</summary>
public sealed class HedgingLeakTests
{
    private const string Refusal = nameof(HedgingLeakTests);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task SendAsync_RandomTimings_LeaveNothing(int seed)
    {
        ConcurrentQueue<string> unobserved = Watch(out EventHandler<UnobservedTaskExceptionEventArgs> watcher);
        FakeTimeProvider clock = new();
        int[] ends = await Task.Run(() => RunAsync(clock, seed, requests: 3_000));

        ends.ShouldAllBe(count => count > 30, "each way to end is there");
        ShouldHaveObservedAll(unobserved, watcher);
    }

    [Fact]
    public async Task SendAsync_RandomTimingsOnManyThreads_LeaveNothing()
    {
        ConcurrentQueue<string> unobserved = Watch(out EventHandler<UnobservedTaskExceptionEventArgs> watcher);
        FakeTimeProvider clock = new();
        using Pool pool = new(clock, seed: 5);
        using CancellationTokenSource stopping = new();
        Task ticking = Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                clock.Advance(TimeSpan.FromMilliseconds(1));
                await Task.Yield();
            }
        });

        await Parallel.ForAsync(0, 3_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await pool.SendAsync());
        await stopping.CancelAsync();
        await ticking;

        await pool.ShouldBecomeIdleAsync();
        ShouldHaveObservedAll(unobserved, watcher);
    }

    [Fact]
    public async Task SendAsync_CallersTokenLivesOn_HoldsOnToNoAttempt()
    {
        using CancellationTokenSource forever = new();
        FakeTimeProvider clock = new();
        ConcurrentQueue<WeakReference> attempts = new();
        TaskCompletionSource<HttpResponseMessage> first = new();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(
            new BalancerBuilder("orders").AddBackends(VirtualBackends.Addresses(2)).UseTimeProvider(clock)
                .UseAttemptTimeout(Timeout.InfiniteTimeSpan).UseHedging(hedging => hedging.Delay = TimeSpan.FromMilliseconds(50)).Build(),
            new StubHandler((_, token) =>
            {
                // The handle is as old as the source of the token.
                attempts.Enqueue(new WeakReference(token.WaitHandle));
                token.UnsafeRegister(_ => first.TrySetCanceled(token), state: null);
                return attempts.Count == 1 ? first.Task : Task.FromResult(new HttpResponseMessage());
            })));
        await Task.Run(async () =>
        {
            Task<HttpResponseMessage> sending = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), forever.Token);
            clock.Advance(TimeSpan.FromMilliseconds(50));
            (await sending).Dispose();
        });

        for (int i = 0; i < 100 && attempts.Any(attempt => attempt.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(1);
        }

        attempts.Count.ShouldBe(2);
        attempts.ShouldAllBe(attempt => !attempt.IsAlive);
    }

    private static async Task<int[]> RunAsync(FakeTimeProvider clock, int seed, int requests)
    {
        using Pool pool = new(clock, seed);
        Random arrivals = new(seed + 100);
        List<Task> sending = [];
        for (int i = 0; i < requests; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(arrivals.NextDouble() * 10));
            sending.Add(pool.SendAsync());
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(sending);
        await pool.ShouldBecomeIdleAsync();
        return pool.Ends;
    }

    private static ConcurrentQueue<string> Watch(out EventHandler<UnobservedTaskExceptionEventArgs> watcher)
    {
        ConcurrentQueue<string> unobserved = new();
        watcher = (_, e) =>
        {
            // Other tests, which run at the same time, have exceptions of their own.
            if (e.Exception.ToString() is { } text && text.Contains(Refusal, StringComparison.Ordinal))
            {
                unobserved.Enqueue(text);
            }
        };
        TaskScheduler.UnobservedTaskException += watcher;
        return unobserved;
    }

    private static void ShouldHaveObservedAll(ConcurrentQueue<string> unobserved, EventHandler<UnobservedTaskExceptionEventArgs> watcher)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= watcher;
        unobserved.ShouldBeEmpty();
    }

    private sealed class Pool : IDisposable
    {
        private readonly FakeTimeProvider _clock;
        private readonly Random _random;
        private readonly Lock _gate = new();
        private readonly VirtualBackends _backends;
        private readonly Balancer _balancer;
        private readonly HttpMessageInvoker _invoker;
        private bool _isWell;

        public Pool(FakeTimeProvider clock, int seed)
        {
            _clock = clock;
            _random = new Random(seed);
            _backends = new VirtualBackends(clock, _ => _isWell ? (TimeSpan.Zero, 200) : (TimeSpan.FromMilliseconds(Next() * 100), Next() switch { < 0.7 => 200, < 0.8 => 503, < 0.9 => 500, _ => 0 })) { Refusal = Refusal };
            _balancer = new BalancerBuilder("orders").AddBackends(VirtualBackends.Addresses(4)).UseTimeProvider(clock).UseRandom(new Random(seed))
                .UseAttemptTimeout(TimeSpan.FromMilliseconds(90))
                .UseCircuitBreaker(breaker => (breaker.BreakDuration, breaker.MaxBreakDuration) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)))
                .UseHedging(hedging => (hedging.Delay, hedging.MaxHedges) = (TimeSpan.FromMilliseconds(30), 2))
                .UseRetries(retry => (retry.Budget.Ratio, retry.Budget.MinRetries) = (0.5, 10))
                .Build();
            _invoker = new HttpMessageInvoker(new LoadBalancingHandler(_balancer, _backends));
        }

        /// <summary>How many requests were answered by a first attempt, by a hedge or a retry, have failed, and were canceled.</summary>
        public int[] Ends { get; } = new int[4];

        public async Task SendAsync()
        {
            using CancellationTokenSource cancellation = Next() < 0.2 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(1 + (Next() * 120)), _clock) : new CancellationTokenSource();
            using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
            if (Next() < 0.2)
            {
                request.SetRequestTimeout(TimeSpan.FromMilliseconds(1 + (Next() * 200)));
            }

            int end;
            try
            {
                using HttpResponseMessage response = await _invoker.SendAsync(request, cancellation.Token).ConfigureAwait(false);
                end = response.GetAttempts().Count == 1 ? 0 : 1;
            }
            catch (HttpRequestException)
            {
                end = 2;
            }
            catch (OperationCanceledException)
            {
                end = 3;
            }

            Interlocked.Increment(ref Ends[end]);
        }

        /// <summary>What is canceled on other threads may take a moment. Then every circuit can be closed, so no permit is missing; and the clock has nothing left to do.</summary>
        public async Task ShouldBecomeIdleAsync()
        {
            for (int i = 0; i < 3_000 && (_balancer.Backends.Sum(backend => backend.InFlight), _backends.Running, _backends.OpenBodies) != (0, 0, 0); i++)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(1).ConfigureAwait(false);
            }

            _balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
            (_backends.Running, _backends.OpenBodies).ShouldBe((0, 0));
            RetryBudget.Of(_balancer).Held.ShouldBe(0);

            // No longer than a break, and far shorter than after what time a permit that was lost would come back.
            _isWell = true;
            for (int i = 0; i < 200; i++)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(2));
                Task sending = SendAsync();
                _clock.Advance(TimeSpan.Zero);
                await sending.ConfigureAwait(false);
            }

            _balancer.Backends.ShouldAllBe(backend => backend.Circuit == CircuitState.Closed);
            _clock.Advance(TimeSpan.FromSeconds(10));
            _clock.ActiveTimers.ShouldBe(0);
        }

        public void Dispose()
        {
            _invoker.Dispose();
            _balancer.Dispose();
        }

        private double Next()
        {
            lock (_gate)
            {
                return _random.NextDouble();
            }
        }
    }
}
