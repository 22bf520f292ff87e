using Microsoft.AspNetCore.Http;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>What outlier detection notices of real servers at its defaults, without circuits; and how a server that is back gets its share again.</summary>
public sealed class EjectionOfServersTests
{
    private static readonly TimeSpan ShortestEjection = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    [Fact]
    public async Task RoundRobin_ServerThatAnswersWithErrors_CostsFiveRequestsAndReturnsAfterThirtySeconds()
    {
        await using Servers servers = await Servers.StartAsync(3);
        servers.AnswerWith(500);
        using ServerPool pool = Create(servers);
        (await pool.SendAsync(300)).ShouldBe(5);
        pool.Flags.ShouldBe([("b0", Unavailability.Ejected, true)]);
        servers.AnswerWith(200);

        pool.Clock.Advance(ShortestEjection - Instant);
        pool[0].Unavailability.ShouldBe(Unavailability.Ejected);
        pool.Clock.Advance(Jitter + Instant);

        pool[0].Unavailability.ShouldBe(Unavailability.None);
        pool.Forget();
        (await pool.SendAsync(300)).ShouldBe(0);
        pool.SentTo(0).ShouldBe(100);
    }

    [Fact]
    public async Task RoundRobin_ServerThatComesAndGoes_StaysOutForLongerEachTime()
    {
        await using Servers servers = await Servers.StartAsync(3);
        servers.AnswerWith(500);
        using ServerPool pool = Create(servers);

        for (int times = 1; times <= 3; times++)
        {
            (await pool.SendAsync(60)).ShouldBe(5);
            pool[0].Unavailability.ShouldBe(Unavailability.Ejected);
            pool.Clock.Advance((times * ShortestEjection) - Instant);
            pool[0].Unavailability.ShouldBe(Unavailability.Ejected);
            pool.Clock.Advance(Jitter + Instant);
            pool[0].Unavailability.ShouldBe(Unavailability.None);
        }
    }

    [Fact]
    public async Task RoundRobin_ServerThatFailsEveryThirdRequest_IsOutAtTheEndOfTheInterval()
    {
        await using Servers servers = await Servers.StartAsync(5);
        servers.First = (number, context) =>
        {
            context.Response.StatusCode = number % 3 == 0 ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
            return Task.CompletedTask;
        };
        using ServerPool pool = Create(servers);

        // A hundred requests each: too few failures in a row, and too few for a circuit. Compared with the others it stands out.
        await pool.SendAsync(500);
        pool.Flags.ShouldBeEmpty();
        pool.Clock.Advance(TimeSpan.FromSeconds(10));

        pool.Flags.ShouldBe([("b0", Unavailability.Ejected, true)]);
    }

    [Fact]
    public async Task WeightedRoundRobin_ServerThatIsBack_GetsItsShareLittleByLittle()
    {
        await using Servers servers = await Servers.StartAsync(2);
        servers.AnswerWith(500);
        using ServerPool pool = Create(servers, builder => builder.UsePolicy(new WeightedRoundRobinPolicy()).UseSlowStart());
        await pool.SendAsync(20);
        servers.AnswerWith(200);
        pool.Clock.Advance(ShortestEjection - Instant);
        while (pool[0].Unavailability != Unavailability.None)
        {
            pool.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        // 0.1 of 1.1, then 0.5 of 1.5, then 1 of 2.
        (await ShareAsync(pool)).ShouldBeInRange(0.07, 0.15);
        pool.Clock.Advance(TimeSpan.FromSeconds(15));
        (await ShareAsync(pool)).ShouldBeInRange(0.28, 0.38);
        pool.Clock.Advance(TimeSpan.FromSeconds(16));
        (await ShareAsync(pool)).ShouldBe(0.5, 0.01);
    }

    private static ServerPool Create(Servers servers, Action<BalancerBuilder>? configure = null) => new(servers.Addresses, builder =>
    {
        builder.UseOutlierDetection().UseCircuitBreaker(breaker => breaker.Enabled = false);
        configure?.Invoke(builder);
    });

    private static async Task<double> ShareAsync(ServerPool pool)
    {
        pool.Forget();
        (await pool.SendAsync(200)).ShouldBe(0);
        return pool.SentTo(0) / 200.0;
    }
}
