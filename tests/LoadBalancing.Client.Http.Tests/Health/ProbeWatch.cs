using System.Collections.Concurrent;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>Keeps a clock that a test moves and probes that are real together: before the clock goes on, every probe that a working server has received is answered.</summary>
internal sealed class ProbeWatch(Servers servers)
{
    public const string Path = "/health";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<int, int> _answers = new();
    private int _steps;

    public void Configure(BalancerBuilder builder) => builder.UseActiveHealthChecks(probe =>
    {
        probe.Path = Path;
        probe.ExpectedStatuses = "100-599";
        probe.ResponsePredicate = (response, _) =>
        {
            _answers.AddOrUpdate(response.RequestMessage!.RequestUri!.Port, 1, static (_, count) => count + 1);
            return ValueTask.FromResult(response.IsSuccessStatusCode);
        };
    });

    /// <summary>How many probes a server has answered.</summary>
    public int AnswersOf(Uri server) => _answers.GetValueOrDefault(server.Port);

    /// <summary>Moves the clock step by step until it is so.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, Func<bool> condition)
    {
        long started = clock.GetTimestamp();
        await SettleAsync();
        while (!condition())
        {
            clock.GetElapsedTime(started).ShouldBeLessThan(Longest);
            clock.Advance(step);
            await SettleAsync();
        }

        return clock.GetElapsedTime(started);
    }

    /// <summary>Gives what was begun the time to arrive, and waits until what has arrived is answered.</summary>
    public async Task SettleAsync()
    {
        await Task.Delay(1);
        await AnsweredAsync();
    }

    /// <summary>The same between steps so short that there is time enough in ten of them.</summary>
    public Task SettleNowAndThenAsync() => ++_steps % 10 == 0 ? SettleAsync() : AnsweredAsync();

    private async Task AnsweredAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (servers.Addresses.Sum(AnswersOf) < servers.ProbeCount)
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
