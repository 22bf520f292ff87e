using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Resilience;

public sealed class RetryBudgetTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TryWithdraw_NoRequests_GrantsTheMinimum()
    {
        RetryBudget budget = new(_clock);

        Grant(budget, new RetryBudgetOptions()).ShouldBe(100);
    }

    [Fact]
    public void TryWithdraw_ManyRequests_GrantsTheirShareAndTheMinimum()
    {
        RetryBudget budget = new(_clock);
        Count(budget, 1000);

        Grant(budget, new RetryBudgetOptions()).ShouldBe(300);
    }

    [Fact]
    public void TryWithdraw_TenSecondsLater_GrantsTheMinimumAgain()
    {
        RetryBudget budget = new(_clock);
        Count(budget, 1000);
        Grant(budget, new RetryBudgetOptions()).ShouldBe(300);

        _clock.Advance(Window - TimeSpan.FromTicks(1));
        Grant(budget, new RetryBudgetOptions()).ShouldBe(0, "what was sent counts for ten seconds, and so do the requests at most");
        _clock.Advance(TimeSpan.FromSeconds(1));

        Grant(budget, new RetryBudgetOptions()).ShouldBe(100);
    }

    [Fact]
    public void TryWithdraw_OneThatWaits_HoldsItsPlaceHoweverLong()
    {
        RetryBudget budget = new(_clock);
        RetryBudgetOptions options = new() { MinRetries = 1 };
        budget.TryWithdraw(options).ShouldBeTrue();

        _clock.Advance(Window * 3);
        budget.TryWithdraw(options).ShouldBeFalse();
        budget.Spend();
        _clock.Advance(Window - TimeSpan.FromTicks(1));
        budget.TryWithdraw(options).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));

        budget.TryWithdraw(options).ShouldBeTrue();
        budget.Held.ShouldBe(1);
    }

    [Fact]
    public void GiveBack_PlaceThatWasNotUsed_GoesToTheNext()
    {
        RetryBudget budget = new(_clock);
        RetryBudgetOptions options = new() { MinRetries = 1 };
        budget.TryWithdraw(options).ShouldBeTrue();

        budget.GiveBack();

        budget.Held.ShouldBe(0);
        budget.TryWithdraw(options).ShouldBeTrue();
    }

    [Fact]
    public void Of_SameBalancer_IsOneBudget()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80").Build();
        using Balancer another = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80").Build();

        RetryBudget.Of(balancer).ShouldBeSameAs(RetryBudget.Of(balancer));
        RetryBudget.Of(balancer).ShouldNotBeSameAs(RetryBudget.Of(another));
    }

    [Fact]
    public void TryWithdraw_AnyTrace_NeverGrantsMoreThanTheLastTenSecondsAllow()
    {
        // Steps of time in milliseconds, with first attempts and wishes in between.
        Gen<(int Milliseconds, int Firsts, int Wishes)> step = Gen.Choose(0, 3000).SelectMany(time => Gen.Choose(0, 60).SelectMany(firsts => Gen.Choose(0, 20).Select(wishes => (time, firsts, wishes))));
        Gen<(int Minimum, int Percent, (int, int, int)[] Steps)> trace = Gen.Choose(0, 20).SelectMany(minimum => Gen.Choose(0, 60).SelectMany(percent => step.ArrayOf(60).Select(steps => (minimum, percent, steps))));

        Prop.ForAll(trace.ToArbitrary(), input => Replay(input.Minimum, input.Percent / 100.0, input.Steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(5, 1));
    }

    [Fact]
    public void TryWithdraw_ManyThreads_GrantExactlyTheLimit()
    {
        RetryBudget budget = new(_clock);
        RetryBudgetOptions options = new() { Ratio = 0.5, MinRetries = 10 };
        int granted = 0;

        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 250; i++)
            {
                budget.CountFirst(_clock.GetTimestamp());
            }
        });
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (budget.TryWithdraw(options))
                {
                    budget.Spend();
                    Interlocked.Increment(ref granted);
                }
            }
        });

        granted.ShouldBe(510);
        budget.Held.ShouldBe(0);
    }

    /// <summary>Compares with lists of exact times: never above the limit; and one that is refused would have been within a slice of it.</summary>
    private static void Replay(int minimum, double ratio, (int Milliseconds, int Firsts, int Wishes)[] steps)
    {
        FakeTimeProvider clock = new();
        RetryBudget budget = new(clock);
        RetryBudgetOptions options = new() { Ratio = ratio, MinRetries = minimum };
        List<long> firsts = [];
        List<long> sent = [];
        List<long> held = [];
        foreach ((int milliseconds, int count, int wishes) in steps)
        {
            clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            long now = clock.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                budget.CountFirst(now);
                firsts.Add(now);
            }

            // Those of before are sent now, or given up.
            foreach (long one in held)
            {
                if (one % 3 == 0)
                {
                    budget.GiveBack();
                }
                else
                {
                    budget.Spend();
                    sent.Add(now);
                }
            }

            held.Clear();
            int limit = (int)Math.Floor((ratio * firsts.Count(time => time > now - Window.Ticks)) + minimum);
            int additional = sent.Count(time => time > now - Window.Ticks);

            // At most one slice of half a second is counted on either side that need not be.
            long slice = TimeSpan.TicksPerSecond / 2;
            double least = (ratio * firsts.Count(time => time >= now - Window.Ticks + slice)) + minimum;
            int most = sent.Count(time => time > now - Window.Ticks - slice);
            for (int i = 0; i < wishes; i++)
            {
                if (budget.TryWithdraw(options))
                {
                    held.Add(i);
                    (additional + held.Count).ShouldBeLessThanOrEqualTo(limit);
                }
                else
                {
                    (most + held.Count + 1.0).ShouldBeGreaterThan(least);
                }
            }
        }

        held.ForEach(_ => budget.GiveBack());
        budget.Held.ShouldBe(0);
    }

    private void Count(RetryBudget budget, int count)
    {
        for (int i = 0; i < count; i++)
        {
            budget.CountFirst(_clock.GetTimestamp());
        }
    }

    /// <summary>Sends as many as are granted.</summary>
    private static int Grant(RetryBudget budget, RetryBudgetOptions options)
    {
        int granted = 0;
        while (budget.TryWithdraw(options))
        {
            budget.Spend();
            granted++;
        }

        return granted;
    }
}
