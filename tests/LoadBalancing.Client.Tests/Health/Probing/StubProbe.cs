using System.Collections.Concurrent;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>A probe that answers as the test says, and remembers whom it asked and when.</summary>
internal sealed class StubProbe(FakeTimeProvider clock) : IHealthProbe
{
    private readonly ConcurrentQueue<(string Id, TimeSpan At)> _calls = new();
    private readonly ConcurrentDictionary<string, Func<CancellationToken, ValueTask<ProbeResult>>> _answers = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _origin = clock.GetUtcNow();
    private int _running;
    private int _mostRunning;

    /// <summary>What those answer who were told nothing else.</summary>
    public Func<CancellationToken, ValueTask<ProbeResult>> Default { get; set; } = _ => ValueTask.FromResult(ProbeResult.Healthy);

    public IReadOnlyList<(string Id, TimeSpan At)> Calls => [.. _calls];

    /// <summary>The calls that run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The most calls that ran at once.</summary>
    public int MostRunning => Volatile.Read(ref _mostRunning);

    public IReadOnlyList<TimeSpan> CallsOf(string id) => [.. _calls.Where(call => call.Id == id).Select(call => call.At)];

    public void Heal(string id) => _answers[id] = _ => ValueTask.FromResult(ProbeResult.Healthy);

    public void Fail(string id, string cause = "503") => _answers[id] = _ => ValueTask.FromResult(ProbeResult.Unhealthy(cause));

    public void Answer(string id, Func<CancellationToken, ValueTask<ProbeResult>> answer) => _answers[id] = answer;

    public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
    {
        _calls.Enqueue((backend.Id, clock.GetUtcNow() - _origin));
        int running = Interlocked.Increment(ref _running);
        InterlockedMax(ref _mostRunning, running);
        try
        {
            return await (_answers.GetValueOrDefault(backend.Id) ?? Default)(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = target; seen < value; seen = target)
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
