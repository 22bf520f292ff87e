using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>What probes notice of real servers, and when, at their defaults: every 5 s ± 10 %, timeout 2 s, down after 3 failures, up after 2 successes.</summary>
public sealed class ProbesOfServersTests
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(4.5);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5.5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task ServerThatAnswersProbesWithErrors_IsOutAfterThreeIntervalsAndBackAfterTwo()
    {
        await using Servers servers = await Servers.StartAsync(2);
        ProbeWatch watch = new(servers);
        using ServerPool pool = new(servers.Addresses, watch.Configure);
        pool.Balancer.Start();
        await watch.AdvanceUntilAsync(pool.Clock, Step, () => servers[0].RequestCount > 0);

        // At worst it breaks just after a probe has found it well.
        servers.AnswerWith(503);
        (await watch.AdvanceUntilAsync(pool.Clock, Step, () => pool[0].Unavailability == Unavailability.ProbeFailed)).ShouldBeInRange(3 * ShortestInterval, (3 * LongestInterval) + Step);
        servers[0].RequestCount.ShouldBe(4);

        servers.AnswerWith(200);
        (await watch.AdvanceUntilAsync(pool.Clock, Step, () => pool[0].Unavailability == Unavailability.None)).ShouldBeInRange(2 * ShortestInterval, (2 * LongestInterval) + Step);
        servers[0].RequestCount.ShouldBe(6);
        pool.Flags.ShouldBe([("b0", Unavailability.ProbeFailed, true), ("b0", Unavailability.ProbeFailed, false)]);
    }

    [Fact]
    public async Task ServerThatIsStopped_IsOutAfterThreeIntervalsAndATimeoutAndReturnsWhenItGoesOn()
    {
        await using Servers servers = await Servers.StartAsync(1);
        await using ServerProcess victim = await ServerProcess.StartAsync();
        ProbeWatch watch = new(servers);
        using ServerPool pool = new([victim.Address, .. servers.Addresses], watch.Configure);
        pool.Balancer.Start();
        await watch.AdvanceUntilAsync(pool.Clock, Step, () => watch.AnswersOf(victim.Address) > 0);

        await victim.StopAsync();
        (await watch.AdvanceUntilAsync(pool.Clock, Step, () => pool[0].Unavailability == Unavailability.ProbeFailed))
            .ShouldBeInRange(3 * ShortestInterval, (3 * LongestInterval) + Timeout + Step);

        await victim.ContinueAsync();
        await watch.AdvanceUntilAsync(pool.Clock, Step, () => pool[0].Unavailability == Unavailability.None);
        pool.Flags.ShouldBe([("b0", Unavailability.ProbeFailed, true), ("b0", Unavailability.ProbeFailed, false)]);
    }

    [Fact]
    public async Task RoundRobin_ServerThatIsStopped_LosesTrafficAlthoughEveryFailureIsACancellation()
    {
        await using Servers servers = await Servers.StartAsync(1);
        await using ServerProcess victim = await ServerProcess.StartAsync();
        ProbeWatch watch = new(servers);
        using ServerPool pool = new([victim.Address, .. servers.Addresses], watch.Configure) { AfterStep = watch.SettleNowAndThenAsync };
        (await pool.SendAsync(10)).ShouldBe(0);

        // Half of the traffic is lost until three probes have failed: the caller's own timeout says nothing about the server.
        await victim.StopAsync();
        int lost = 0;
        for (int i = 0; i < 20 && pool[0].Unavailability == Unavailability.None; i++)
        {
            lost += await pool.RunAsync(TimeSpan.FromSeconds(1), hanging: 0);
        }

        pool[0].Unavailability.ShouldBe(Unavailability.ProbeFailed);
        lost.ShouldBeGreaterThan(100);
        (await pool.RunAsync(TimeSpan.FromSeconds(1), hanging: 0)).ShouldBe(0);
        pool.Moves.ShouldBeEmpty();
    }
}
