using System.Net;
using System.Net.Sockets;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Discovery;

public sealed class DnsBackendSourceTests
{
    private static readonly DnsOptions Orders = new("orders.prod.svc", 8080);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<(string Host, AddressFamily Family)> _lookups = [];
    private Func<IPAddress[]> _answer = () => [IPAddress.Parse("10.0.0.1")];

    [Fact]
    public async Task WatchAsync_FirstAnswer_MakesABackendOfEachAddress()
    {
        _answer = () => [IPAddress.Parse("10.0.0.10"), IPAddress.Parse("2001:db8::1"), IPAddress.Parse("10.0.0.9"), IPAddress.Parse("10.0.0.10")];

        IReadOnlyList<Backend> backends = await FirstAsync(Orders);

        backends.ShouldBe(
        [
            new Backend("http://10.0.0.9:8080") { HostName = "orders.prod.svc" },
            new Backend("http://10.0.0.10:8080") { HostName = "orders.prod.svc" },
            new Backend("http://[2001:db8::1]:8080") { HostName = "orders.prod.svc" },
        ]);
    }

    [Fact]
    public async Task WatchAsync_SchemeAndRootedName_AreInTheBackends()
    {
        IReadOnlyList<Backend> backends = await FirstAsync(new DnsOptions("orders.prod.svc.", 443) { Scheme = "https" });

        backends.ShouldHaveSingleItem().ShouldBe(new Backend("https://10.0.0.1:443") { HostName = "orders.prod.svc" });
    }

    [Theory]
    [InlineData(AddressFamily.Unspecified)]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task WatchAsync_AddressFamily_IsWhatTheResolverIsAskedFor(AddressFamily family)
    {
        await FirstAsync(Orders with { AddressFamily = family });

        _lookups.ShouldBe([("orders.prod.svc", family)]);
    }

    [Fact]
    public async Task WatchAsync_NewAddresses_AreSeenAtTheNextRefresh()
    {
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = Source(Orders).WatchAsync(default).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();

        _answer = () => [IPAddress.Parse("10.0.0.2")];
        _clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        _lookups.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromTicks(1));

        (await next.Soon()).ShouldBeTrue();
        watch.Current.ShouldHaveSingleItem().Id.ShouldBe("10.0.0.2:8080");
    }

    [Fact]
    public async Task WatchAsync_SameAddressesInAnotherOrder_YieldsNothing()
    {
        _answer = () => [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = Source(Orders).WatchAsync(default).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();

        _answer = () => [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1")];
        _clock.Advance(TimeSpan.FromSeconds(30));
        await NextTimerAsync(TimeSpan.FromSeconds(30));
        next.IsCompleted.ShouldBeFalse();
        _answer = () => [IPAddress.Parse("10.0.0.3")];
        _clock.Advance(TimeSpan.FromSeconds(30));

        await next.Soon();
        watch.Current.ShouldHaveSingleItem().Id.ShouldBe("10.0.0.3:8080");
        _lookups.Count.ShouldBe(3);
    }

    [Fact]
    public async Task RequestRefresh_LongAfterTheLastLookup_LooksUpAtOnce()
    {
        DnsBackendSource source = Source(Orders);
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(default).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(6));
        _answer = () => [IPAddress.Parse("10.0.0.2")];

        source.RequestRefresh();

        await next.Soon();
        watch.Current.ShouldHaveSingleItem().Id.ShouldBe("10.0.0.2:8080");
    }

    [Fact]
    public async Task RequestRefresh_SoonAfterTheLastLookup_IsServedWhenFiveSecondsAreOver()
    {
        DnsBackendSource source = Source(Orders);
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(stop.Token).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(2));
        _answer = () => [IPAddress.Parse("10.0.0.2")];

        for (int i = 0; i < 1000; i++)
        {
            source.RequestRefresh();
        }

        await NextTimerAsync(TimeSpan.FromSeconds(3));
        _lookups.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await next.Soon();
        _lookups.Count.ShouldBe(2);

        // All of them are served by that one lookup.
        next = watch.MoveNextAsync().AsTask();
        await NextTimerAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => next.Soon());
    }

    [Fact]
    public async Task RequestRefresh_DuringALookup_HasAnotherOneMade()
    {
        TaskCompletionSource<IPAddress[]> pending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int lookups = 0;
        DnsBackendSource source = new(Orders, _clock, (_, _, _) => Interlocked.Increment(ref lookups) == 1 ? pending.Task : Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(default).GetAsyncEnumerator();
        Task<bool> first = watch.MoveNextAsync().AsTask();

        source.RequestRefresh();
        pending.SetResult([IPAddress.Parse("10.0.0.1")]);
        await first.Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        await NextTimerAsync(TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(5));

        await next.Soon();
        watch.Current.ShouldHaveSingleItem().Id.ShouldBe("127.0.0.1:8080");
    }

    [Fact]
    public async Task WatchAsync_NoSuchHost_Throws()
    {
        _answer = () => throw new SocketException((int)SocketError.HostNotFound);

        SocketException exception = await Should.ThrowAsync<SocketException>(() => FirstAsync(Orders));

        exception.SocketErrorCode.ShouldBe(SocketError.HostNotFound);
    }

    [Fact]
    public async Task WatchAsync_NoAddressOfTheFamily_Throws()
    {
        _answer = () => [];

        SocketException exception = await Should.ThrowAsync<SocketException>(() => FirstAsync(Orders with { AddressFamily = AddressFamily.InterNetworkV6 }));

        exception.Message.ShouldBe("'orders.prod.svc' has no address of the family InterNetworkV6.");
    }

    [Fact]
    public async Task WatchAsync_StartedAgainAfterAFailure_KeepsThePauseAndYieldsItsFirstList()
    {
        DnsBackendSource source = Source(Orders);
        _answer = () => throw new SocketException((int)SocketError.HostNotFound);
        await Should.ThrowAsync<SocketException>(() => FirstAsync(source));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _answer = () => [IPAddress.Parse("10.0.0.1")];

        Task<IReadOnlyList<Backend>> again = FirstAsync(source);

        await NextTimerAsync(TimeSpan.FromSeconds(4));
        _lookups.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(4));
        (await again.Soon()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task WatchAsync_IntervalBelowThePause_LooksUpAtEachInterval()
    {
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = Source(Orders with { RefreshInterval = TimeSpan.FromSeconds(1) }).WatchAsync(default).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        _answer = () => [IPAddress.Parse("10.0.0.2")];

        _clock.Advance(TimeSpan.FromSeconds(1));

        (await next.Soon()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WatchAsync_Canceled_EndsAtOnceAndLeavesNoTimer(bool duringThePause)
    {
        DnsBackendSource source = Source(Orders);
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(stop.Token).GetAsyncEnumerator();
        await watch.MoveNextAsync().Soon();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        if (duringThePause)
        {
            source.RequestRefresh();
            await NextTimerAsync(TimeSpan.FromSeconds(5));
        }

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => next.Soon());
        await Wait.UntilAsync(() => _clock.ActiveTimers == 0);
    }

    [Fact]
    public async Task WatchAsync_CanceledDuringALookup_EndsAtOnce()
    {
        DnsBackendSource source = new(Orders, _clock, async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        });
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(stop.Token).GetAsyncEnumerator();
        Task<bool> next = watch.MoveNextAsync().AsTask();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => next.Soon());
    }

    [Fact]
    public async Task WatchAsync_RealResolver_FindsLocalhost()
    {
        DnsBackendSource source = new(new DnsOptions("localhost", 8080) { AddressFamily = AddressFamily.InterNetwork });

        IReadOnlyList<Backend> backends = await FirstAsync(source);

        backends.ShouldContain(new Backend("http://127.0.0.1:8080") { HostName = "localhost" });
    }

    [Fact]
    public void ToString_Always_NamesHostAndPort() => Source(Orders).ToString().ShouldBe("DNS orders.prod.svc:8080");

    [Fact]
    public async Task UseDns_OnABuilder_RunsOnTheBalancersClock()
    {
        await using Balancer balancer = new BalancerBuilder("orders").UseDns("localhost", 8080).UseTimeProvider(_clock).Build();

        BackendLease lease = await balancer.PickAsync(default).Soon();

        lease.Backend.Description.HostName.ShouldBe("localhost");
        await NextTimerAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:80")]
    public void Host_NoHostName_Throws(string host) => Should.Throw<ArgumentException>(() => new DnsOptions(host, 80));

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void Port_OutOfRange_Throws(int port) => Should.Throw<ArgumentOutOfRangeException>(() => new DnsOptions("orders", port));

    [Fact]
    public void Options_OutOfRange_Throw()
    {
        Should.Throw<ArgumentException>(() => Orders with { Scheme = "ftp" });
        Should.Throw<ArgumentOutOfRangeException>(() => Orders with { AddressFamily = AddressFamily.Unix });
        Should.Throw<ArgumentOutOfRangeException>(() => Orders with { RefreshInterval = TimeSpan.FromMilliseconds(999) });
        Should.Throw<ArgumentOutOfRangeException>(() => Orders with { RefreshInterval = TimeSpan.FromDays(2) });
    }

    private DnsBackendSource Source(DnsOptions options) => new(options, _clock, (host, family, _) =>
    {
        _lookups.Add((host, family));
        return Task.Run(_answer);
    });

    private Task<IReadOnlyList<Backend>> FirstAsync(DnsOptions options) => FirstAsync(Source(options));

    private static async Task<IReadOnlyList<Backend>> FirstAsync(DnsBackendSource source)
    {
        await using IAsyncEnumerator<IReadOnlyList<Backend>> watch = source.WatchAsync(default).GetAsyncEnumerator();
        (await watch.MoveNextAsync().Soon()).ShouldBeTrue();
        return watch.Current;
    }

    private Task NextTimerAsync(TimeSpan due) => Wait.UntilAsync(() => _clock.UntilNextTimer == due);
}
