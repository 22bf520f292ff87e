namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>A server that answers, but late: it is not broken, so nobody takes it out, and policies that see load or latency send it no more than it can do.</summary>
public sealed class SlowServerTests
{
    private const int Rounds = 20;
    private const int RequestsPerRound = 20;

    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(150);

    [Theory]
    [InlineData("least_request")]
    [InlineData("peak_ewma")]
    public async Task StartAsync_ServerThatIsSlow_GetsWhatItCanDoAndStaysIn(string policy)
    {
        using SemaphoreSlim answers = new(0);
        await using Servers servers = await Servers.StartAsync(2);
        servers.First = (_, context) => answers.WaitAsync(context.RequestAborted);
        using ServerPool pool = new(servers.Addresses, builder => builder.UsePolicy(policy == "peak_ewma" ? new PeakEwmaPolicy() : new LeastRequestPolicy()).UseOutlierDetection());

        for (int round = 0; round < Rounds; round++)
        {
            List<Task<HttpResponseMessage>> slow = [];
            for (int i = 0; i < RequestsPerRound; i++)
            {
                int before = pool.SentTo(0);
                Task<HttpResponseMessage> answer = pool.StartAsync(CancellationToken.None);
                if (pool.SentTo(0) > before)
                {
                    slow.Add(answer);
                }
                else
                {
                    (await answer).Dispose();
                }
            }

            // While it works on one, it gets no other.
            slow.Count.ShouldBeLessThanOrEqualTo(1);
            pool.Clock.Advance(Slowness);
            foreach (Task<HttpResponseMessage> answer in slow)
            {
                answers.Release();
                (await answer).Dispose();
            }
        }

        pool.SentTo(0).ShouldBeInRange(policy == "peak_ewma" ? 1 : Rounds - 2, policy == "peak_ewma" ? 2 : Rounds);
        pool.SentToAll.ShouldBe(Rounds * RequestsPerRound);
        pool.Flags.ShouldBeEmpty();
        pool.Moves.ShouldBeEmpty();
    }
}
