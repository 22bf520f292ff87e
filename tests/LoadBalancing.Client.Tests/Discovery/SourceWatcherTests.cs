using LoadBalancing.Client.Discovery;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Discovery;

public sealed class SourceWatcherTests : ISourceListener, IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedSource _source = new();
    private readonly List<IReadOnlyList<Backend>> _lists = [];
    private readonly List<(Exception? Exception, TimeSpan Delay)> _failures = [];
    private SourceWatcher? _watcher;

    [Fact]
    public async Task Start_SourceYields_HandsOnEachList()
    {
        Start();

        _source.Yield("http://10.0.0.1:80");
        _source.Yield();

        await Wait.UntilAsync(() => _lists.Count == 2);
        _lists[0].ShouldHaveSingleItem().Id.ShouldBe("10.0.0.1:80");
        _lists[1].ShouldBeEmpty();
    }

    [Fact]
    public async Task Start_Twice_WatchesOnce()
    {
        Start();
        _watcher!.Start();

        _source.Yield("http://10.0.0.1:80");
        await Wait.UntilAsync(() => _lists.Count == 1);

        _source.Watches.ShouldBe(1);
    }

    [Fact]
    public async Task Watch_SourceThrowsAgainAndAgain_BacksOffFromOneSecondToThirty()
    {
        Start();

        for (int i = 1; i <= 7; i++)
        {
            await FailAsync(i);
        }

        // The middle of the jitter of 20 % is the delay itself.
        _failures.Select(failure => failure.Delay.TotalSeconds).ShouldBe([1, 2, 4, 8, 16, 30, 30]);
    }

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(0.999999, 1.2)]
    public async Task Watch_SourceThrows_DelayIsSpreadByTwentyPercent(double draw, double seconds)
    {
        Start(new ScriptedRandom { Doubles = [draw] });

        _source.Throw(new InvalidOperationException("no"));

        await Wait.UntilAsync(() => _failures.Count == 1);
        _failures[0].Delay.TotalSeconds.ShouldBe(seconds, 1e-5);
    }

    [Fact]
    public async Task Watch_ListAfterFailures_StartsTheBackOffAnew()
    {
        Start();
        await FailAsync(1);
        await FailAsync(2);

        _source.Yield("http://10.0.0.1:80");
        await FailAsync(3);

        _failures[2].Delay.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Watch_StreamEnds_IsAFailureWithoutException()
    {
        Start();

        _source.End();
        await Wait.UntilAsync(() => _failures.Count == 1);
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _source.Yield("http://10.0.0.1:80");

        await Wait.UntilAsync(() => _lists.Count == 1);
        _failures[0].Exception.ShouldBeNull();
        _source.Watches.ShouldBe(2);
    }

    [Fact]
    public async Task Watch_NullList_IsAFailure()
    {
        Start();

        _source.YieldNull();

        await Wait.UntilAsync(() => _failures.Count == 1);
        _failures[0].Exception!.Message.ShouldBe("ScriptedSource yielded a list that is null or holds a null.");
    }

    [Fact]
    public async Task Watch_NullInAList_IsAFailure()
    {
        Start();

        _source.YieldBackends([null!]);

        await Wait.UntilAsync(() => _failures.Count == 1);
        _lists.ShouldBeEmpty();
    }

    [Fact]
    public async Task Watch_SourceCancelsOnItsOwn_IsAFailure()
    {
        Start();

        _source.Throw(new OperationCanceledException());

        await Wait.UntilAsync(() => _failures.Count == 1);
    }

    [Fact]
    public async Task Dispose_WhileWatching_CancelsTheSourceAndIsNoFailure()
    {
        Start();
        _source.Yield("http://10.0.0.1:80");
        await Wait.UntilAsync(() => _lists.Count == 1);

        _watcher!.Dispose();

        await _source.Canceled.Soon();
        _failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task Dispose_DuringBackOff_EndsTheLoop()
    {
        Start();
        _source.Throw(new InvalidOperationException("no"));
        await _clock.WaitForTimersAsync(1);

        _watcher!.Dispose();

        await Wait.UntilAsync(() => _clock.ActiveTimers == 0);
        _source.Watches.ShouldBe(1);
    }

    [Fact]
    public async Task Start_InACallersContext_DoesNotCaptureIt()
    {
        AsyncLocal<string> request = new() { Value = "a request's" };
        TaskCompletionSource<string?> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedSource source = new() { OnWatch = () => seen.TrySetResult(request.Value) };
        using SourceWatcher watcher = new(source, _clock, Random.Shared, this);

        watcher.Start();

        (await seen.Task.Soon()).ShouldBeNull();
        request.Value.ShouldBe("a request's");
    }

    [Fact]
    public async Task Start_WhereTheFlowIsSuppressed_Works()
    {
        using SourceWatcher watcher = new(_source, _clock, Random.Shared, this);
        using (ExecutionContext.SuppressFlow())
        {
            watcher.Start();
            ExecutionContext.IsFlowSuppressed().ShouldBeTrue();
        }

        _source.Yield("http://10.0.0.1:80");
        await Wait.UntilAsync(() => _lists.Count == 1);
    }

    public void Dispose() => _watcher?.Dispose();

    void ISourceListener.OnBackends(SourceWatcher watcher, IReadOnlyList<Backend> backends) => _lists.Add(backends);

    void ISourceListener.OnFailure(SourceWatcher watcher, Exception? exception, TimeSpan delay) => _failures.Add((exception, delay));

    private void Start(Random? random = null)
    {
        _watcher = new SourceWatcher(_source, _clock, random ?? new ScriptedRandom { Doubles = [.. Enumerable.Repeat(0.5, 10)] }, this);
        _watcher.Start();
    }

    private async Task FailAsync(int number)
    {
        _source.Throw(new InvalidOperationException("no"));
        await Wait.UntilAsync(() => _failures.Count == number);
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(_failures[^1].Delay);
    }
}
