using System.Runtime.CompilerServices;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Load;

public sealed class PeriodicRefreshTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PeriodicRefresh _refresh;

    public PeriodicRefreshTests() => _refresh = new PeriodicRefresh(_clock, TimeSpan.FromSeconds(1));

    [Fact]
    public void Tick_FirstAfterEachPeriod_Refreshes()
    {
        Target target = Add(0);
        foreach (double seconds in (double[])[0, 0.5, 0.499, 0.001, 0, 3, 0.999])
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            _refresh.Tick(_clock.GetTimestamp());
        }

        target.Refreshed.ShouldBe(3);
    }

    [Fact]
    public void Tick_ManyPools_RefreshesTheLatestOfEach()
    {
        Target[] targets = [.. Enumerable.Range(0, 100).Select(Add)];
        for (int i = 0; i < 50; i++)
        {
            targets[7] = Add(7);
        }

        _refresh.Tick(_clock.GetTimestamp());

        targets.ShouldAllBe(target => target.Refreshed == 1);
    }

    [Fact]
    public void Tick_SeveralOfOnePool_RefreshesTheLastFewThatAreHeld()
    {
        Target[] targets = [.. Enumerable.Range(0, 30).Select(_ => Add(0))];

        _refresh.Tick(_clock.GetTimestamp());

        targets.Select(target => target.Refreshed).ShouldBe([.. Enumerable.Repeat(0, 13), .. Enumerable.Repeat(1, 17)]);
    }

    [Fact]
    public void Add_WhatNobodyHolds_IsForgotten()
    {
        WeakReference collected = AddAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Target target = Add(0);

        _refresh.Tick(_clock.GetTimestamp());

        collected.IsAlive.ShouldBeFalse();
        target.Refreshed.ShouldBe(1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference AddAndForget() => new(Add(0));

    private Target Add(int pool)
    {
        Target target = new();
        _refresh.Add(pool, target);
        return target;
    }

    private sealed class Target : IRefreshable
    {
        public int Refreshed { get; private set; }

        public void Refresh(long now) => Refreshed++;
    }
}
