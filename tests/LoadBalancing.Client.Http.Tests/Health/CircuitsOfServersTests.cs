using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>What the circuit breaker notices of real servers with nothing else turned on, at its defaults.</summary>
public sealed class CircuitsOfServersTests
{
    private static readonly TimeSpan LongestFirstBreak = TimeSpan.FromSeconds(5 * 1.2);
    private static readonly TimeSpan ShortestFirstBreak = TimeSpan.FromSeconds(5 * 0.8);
    private static readonly TimeSpan LongestSecondBreak = TimeSpan.FromSeconds(10 * 1.2);

    [Fact]
    public async Task RoundRobin_OneOfFiveServersKilledAndBack_CostsFiveRequestsAndOneTrial()
    {
        await using Servers servers = await Servers.StartAsync(4);
        ServerProcess victim = await ServerProcess.StartAsync();
        using ServerPool pool = new([victim.Address, .. servers.Addresses], _ => { });
        await using (victim)
        {
            (await pool.SendAsync(10)).ShouldBe(0);
            pool.SentTo(0).ShouldBe(2);

            await victim.KillAsync();
            (await pool.SendAsync(1_000)).ShouldBe(5);
        }

        pool[0].Circuit.ShouldBe(CircuitState.Open);
        pool.Clock.Advance(LongestFirstBreak);
        pool[0].Circuit.ShouldBe(CircuitState.HalfOpen);
        (await pool.SendAsync(100)).ShouldBe(1);
        pool[0].Circuit.ShouldBe(CircuitState.Open);

        await using ServerProcess successor = await ServerProcess.StartAsync(victim.Address.Port);
        pool.Clock.Advance(LongestSecondBreak);
        (await pool.SendAsync(100)).ShouldBe(0);
        pool[0].Circuit.ShouldBe(CircuitState.Closed);
        pool.Forget();
        (await pool.SendAsync(100)).ShouldBe(0);
        pool.SentTo(0).ShouldBe(20);
        pool.Moves.Select(move => move.To).ShouldBe([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed]);
    }

    [Fact]
    public async Task RoundRobin_OneOfFiveServersKilledUnderLoad_CostsFiveRequestsAndThoseInFlight()
    {
        const int Concurrency = 8;
        await using Servers servers = await Servers.StartAsync(4);
        await using ServerProcess victim = await ServerProcess.StartAsync();
        using ServerPool pool = new([victim.Address, .. servers.Addresses], _ => { });
        Task<int> load = pool.SendAsync(2_000, Concurrency);
        while (pool.SentToAll < 200)
        {
            await Task.Yield();
        }

        await victim.KillAsync();

        // Those in flight when it dies, of which one counts, and those in flight when the circuit opens.
        (await load).ShouldBeInRange(5, 5 + Concurrency + Concurrency);
        pool[0].Circuit.ShouldBe(CircuitState.Open);
        pool.Moves.ShouldBe([("b0", CircuitState.Open)]);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task RoundRobin_ServerThatAnswersWithErrors_CostsFiveRequests(int status)
    {
        await using Servers servers = await Servers.StartAsync(3);
        servers.AnswerWith(status);
        using ServerPool pool = new(servers.Addresses, _ => { });

        (await pool.SendAsync(300)).ShouldBe(5);

        servers[0].RequestCount.ShouldBe(5);
        pool.Moves.ShouldBe([("b0", CircuitState.Open)]);
    }

    [Fact]
    public async Task RoundRobin_ServerThatResetsConnections_CostsFiveRequests()
    {
        await using Servers servers = await Servers.StartAsync(2);
        await using LoopbackTcpServer resets = LoopbackTcpServer.Start(async (connection, token) =>
        {
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
            await LoopbackTcpServer.ResetAsync(connection, token);
        });
        using ServerPool pool = new([resets.Address, .. servers.Addresses], _ => { });

        (await pool.SendAsync(300)).ShouldBe(5);

        pool.Moves.ShouldBe([("b0", CircuitState.Open)]);
    }

    [LinuxFact]
    public async Task RoundRobin_ServerThatNoConnectReaches_CostsFiveRequests()
    {
        await using Servers servers = await Servers.StartAsync(2);
        using BlackHole hole = await BlackHole.OpenAsync();
        using ServerPool pool = new([hole.Address, .. servers.Addresses], _ => { }, new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(250) });

        (await pool.SendAsync(60)).ShouldBe(5);

        pool.Moves.ShouldBe([("b0", CircuitState.Open)]);
    }

    [Fact]
    public async Task RoundRobin_ServerThatFailsEverySecondRequest_IsOutAfterTwentyAttempts()
    {
        await using Servers servers = await Servers.StartAsync(2);
        servers.First = (number, context) =>
        {
            context.Response.StatusCode = number % 2 == 0 ? 500 : 200;
            return Task.CompletedTask;
        };
        using ServerPool pool = new(servers.Addresses, _ => { });

        // Half of 20 attempts in 10 s; five in a row it never is.
        (await pool.SendAsync(400)).ShouldBe(10);

        servers[0].RequestCount.ShouldBe(20);
        pool.Moves.ShouldBe([("b0", CircuitState.Open)]);
    }

    [Fact]
    public async Task RoundRobin_ServerThatComesAndGoes_GetsLongerAndLongerBreaks()
    {
        await using Servers servers = await Servers.StartAsync(2);
        servers.AnswerWith(503);
        using ServerPool pool = new(servers.Addresses, _ => { });
        (await pool.SendAsync(50)).ShouldBe(5);

        // It answers one trial, fails the next, and so on: each return costs one request, and it never gets more.
        servers.First = (number, context) =>
        {
            context.Response.StatusCode = number % 2 == 0 ? 200 : 503;
            return Task.CompletedTask;
        };
        foreach (int seconds in (int[])[5, 10, 20, 40, 60, 60])
        {
            pool.Clock.Advance(TimeSpan.FromSeconds(seconds * 0.8) - TimeSpan.FromTicks(1));
            pool[0].Circuit.ShouldBe(CircuitState.Open);
            pool.Clock.Advance(TimeSpan.FromSeconds(seconds * 0.4));
            pool[0].Circuit.ShouldBe(CircuitState.HalfOpen);
            (await pool.SendAsync(50)).ShouldBe(1);
            pool[0].Circuit.ShouldBe(CircuitState.Open);
        }

        servers[0].RequestCount.ShouldBe(5 + (2 * 6));
    }

    [Fact]
    public async Task RoundRobin_ServerThatRecovers_IsTriedWithoutHarm()
    {
        await using Servers servers = await Servers.StartAsync(2);
        servers.AnswerWith(503);
        using ServerPool pool = new(servers.Addresses, _ => { });
        (await pool.SendAsync(50)).ShouldBe(5);
        servers.AnswerWith(200);

        pool.Clock.Advance(ShortestFirstBreak - TimeSpan.FromTicks(1));
        pool.Forget();
        await pool.SendAsync(20);
        pool.SentTo(0).ShouldBe(0);

        pool.Clock.Advance(LongestFirstBreak - ShortestFirstBreak + TimeSpan.FromTicks(1));
        (await pool.SendAsync(20)).ShouldBe(0);
        pool[0].Circuit.ShouldBe(CircuitState.Closed);
    }
}
