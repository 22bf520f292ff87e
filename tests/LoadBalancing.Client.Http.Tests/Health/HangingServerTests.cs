using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>A server whose process is stopped: the system accepts its connections, and nothing ever answers. Each caller waits for 500 ms, and gives up.</summary>
public sealed class HangingServerTests : IClassFixture<HangingServerTests.StoppableServer>, IAsyncLifetime
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    private readonly ServerProcess _process;
    private Servers _servers = null!;

    public HangingServerTests(StoppableServer server) => _process = server.Process;

    private IEnumerable<Uri> Addresses => [_process.Address, .. _servers.Addresses];

    public async Task InitializeAsync() => _servers = await Servers.StartAsync(1);

    public async Task DisposeAsync()
    {
        await _process.ContinueAsync();
        await _servers.DisposeAsync();
    }

    [Theory]
    [InlineData("least_request")]
    [InlineData("peak_ewma")]
    public async Task Run_PolicyThatSeesLoad_SendsLittleThereAlthoughEveryFailureIsACancellation(string policy)
    {
        using ServerPool pool = new(Addresses, builder => builder.UsePolicy(policy == "peak_ewma" ? new PeakEwmaPolicy() : new LeastRequestPolicy()));
        (await RunThenHangAsync(pool)).ShouldBeInRange(300, 700);
        pool.Forget();

        // One attempt at a time may hang there, and with peak_ewma its 500 ms are remembered.
        int lost = await pool.RunAsync(Hang, hanging: 0);

        lost.ShouldBeInRange(1, policy == "peak_ewma" ? 5 : 40);
        pool.SentTo(1).ShouldBe(1_000 - lost);
        ShouldBeBlameless(pool);
    }

    [Fact]
    public async Task Run_RoundRobinAlone_NoticesNothing()
    {
        using ServerPool pool = new(Addresses, _ => { });
        await RunThenHangAsync(pool);

        (await pool.RunAsync(Hang, hanging: 0)).ShouldBe(500);

        ShouldBeBlameless(pool);
    }

    [Fact]
    public async Task Run_RoundRobinWithAttemptTimeoutBelowTheCallers_OpensTheCircuit()
    {
        TimeSpan attemptTimeout = TimeSpan.FromMilliseconds(250);
        using ServerPool pool = new(Addresses, builder => builder.UseAttemptTimeout(attemptTimeout));
        await RunThenHangAsync(pool);

        // Half of 25 requests until the first has timed out, four more until the fifth has; trials after that.
        (await pool.RunAsync(TimeSpan.FromSeconds(1), hanging: 0, attemptTimeout)).ShouldBeInRange(16, 18);

        pool[0].Circuit.ShouldBe(CircuitState.Open);
        (await pool.RunAsync(TimeSpan.FromSeconds(2), hanging: 0, attemptTimeout)).ShouldBe(0);
    }

    [Fact]
    public async Task Run_ServerGoesOn_TrafficReturns()
    {
        TimeSpan attemptTimeout = TimeSpan.FromMilliseconds(250);
        using ServerPool pool = new(Addresses, builder => builder.UseAttemptTimeout(attemptTimeout));
        await RunThenHangAsync(pool);
        await pool.RunAsync(TimeSpan.FromSeconds(1), hanging: 0, attemptTimeout);
        pool[0].Circuit.ShouldBe(CircuitState.Open);

        await _process.ContinueAsync();
        pool.Clock.Advance(TimeSpan.FromSeconds(6));

        (await pool.SendAsync(20)).ShouldBe(0);
        pool[0].Circuit.ShouldBe(CircuitState.Closed);
        pool.Forget();
        (await pool.SendAsync(100)).ShouldBe(0);
        pool.SentTo(0).ShouldBe(50);
    }

    [Fact]
    public async Task StartAsync_CallersThatGiveUp_NeverOpenACircuitOrEject()
    {
        using ServerPool pool = new(Addresses, builder => builder.UseOutlierDetection());
        await _process.StopAsync();
        using CancellationTokenSource caller = new();
        Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, 200).Select(_ => pool.StartAsync(caller.Token))];

        await caller.CancelAsync();

        foreach (Task<HttpResponseMessage> request in requests)
        {
            try
            {
                (await request).Dispose();
            }
            catch (OperationCanceledException)
            {
                // On the stopped server all of them.
            }
        }

        pool.SentTo(0).ShouldBe(100);
        pool.Clock.Advance(TimeSpan.FromSeconds(30));
        pool[0].InFlight.ShouldBe(0);
        ShouldBeBlameless(pool);
    }

    /// <summary>Ordinary traffic first, then the server stops.</summary>
    /// <returns>How many requests it served before.</returns>
    private async Task<int> RunThenHangAsync(ServerPool pool)
    {
        for (int i = 0; i < 1_000; i++)
        {
            (await pool.TrySendAsync()).ShouldBeTrue();
            pool.Clock.Advance(WarmUp / 1_000);
        }

        await _process.StopAsync();
        return pool.SentTo(0);
    }

    private static void ShouldBeBlameless(ServerPool pool)
    {
        pool.Moves.ShouldBeEmpty();
        pool.Flags.ShouldBeEmpty();
    }

    /// <summary>One process for all of the tests here: starting it takes longer than they do.</summary>
    public sealed class StoppableServer : IAsyncLifetime
    {
        public ServerProcess Process { get; private set; } = null!;

        public async Task InitializeAsync() => Process = await ServerProcess.StartAsync();

        public async Task DisposeAsync() => await Process.DisposeAsync();
    }
}
