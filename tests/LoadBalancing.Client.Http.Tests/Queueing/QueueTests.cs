using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>Requests that come while every backend is at its cap.</summary>
public sealed class QueueTests
{
    private static readonly string[] InOrder = [.. Enumerable.Range(0, 20).Select(i => $"/{i}")];

    [Fact]
    public async Task SendAsync_AllAtTheirCaps_ServedInTheOrderInWhichTheyCame()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1));
        Task<HttpResponseMessage>[] sending = [.. InOrder.Select(path => queue.SendAsync(path))];
        queue.Line.Waiting.ShouldBe(19);

        for (int i = 0; i < InOrder.Length; i++)
        {
            await queue.Held.ShouldHaveComeAsync(i + 1);
            queue.Balancer.Backends[0].InFlight.ShouldBe(1);
            queue.Held.Release(InOrder[i]);
            await sending[i];
        }

        queue.Held.Paths.ShouldBe(InOrder);
        queue.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_NewcomerJustWhenThereIsRoom_DoesNotOvertake()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1));
        List<Task<HttpResponseMessage>> sending = [queue.SendAsync("/0"), queue.SendAsync("/1")];

        for (int i = 0; i < 500; i++)
        {
            await queue.Held.ShouldHaveComeAsync(i + 1);
            queue.Held.Release($"/{i}");
            sending.Add(queue.SendAsync($"/{i + 2}"));
        }

        await queue.Held.ShouldHaveComeAsync(501);
        queue.Held.Release("/500");
        await queue.Held.ShouldHaveComeAsync(502);
        queue.Held.Release("/501");
        await Task.WhenAll(sending);
        queue.Held.Paths.ShouldBe([.. Enumerable.Range(0, 502).Select(i => $"/{i}")]);
        queue.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_TwoHandlersOfOneBalancer_StandInOneLine()
    {
        using QueueFixture queue = new(builder => builder.UseQueue(2), QueueFixture.WithCap(1));
        using HttpMessageInvoker another = new(new LoadBalancingHandler(queue.Balancer, queue.Held));
        Task<HttpResponseMessage> first = queue.SendAsync("/0");
        Task<HttpResponseMessage> second = another.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/1"), CancellationToken.None);
        Task<HttpResponseMessage> third = queue.SendAsync("/2");

        await Should.ThrowAsync<NoBackendAvailableException>(() => another.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/3"), CancellationToken.None));

        queue.Held.Release("/0");
        await queue.Held.ShouldHaveComeAsync(2);
        queue.Held.Release("/1");
        await queue.Held.ShouldHaveComeAsync(3);
        queue.Held.Release("/2");
        await Task.WhenAll(first, second, third);
        queue.Held.Paths.ShouldBe(["/0", "/1", "/2"]);
        queue.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_QueueFull_RefusedAtOnceAndSaysSo()
    {
        using QueueFixture queue = new(builder => builder.UseQueue(2, TimeSpan.FromSeconds(5)), QueueFixture.WithCap(1));
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"));

        exception.IsSaturated.ShouldBeTrue();
        exception.Message.ShouldStartWith(
            "Service 'orders' is saturated: backends are at their caps (MaxConcurrency), 2 requests wait already, and no more than 2 may (MaxQueue), so this one has not waited. orders: recording");
        exception.Message.ShouldContain("at its cap of 1 in flight");
        queue.Line.Waiting.ShouldBe(2);
        await ReleaseAllAsync(queue, sending);
    }

    [Fact]
    public async Task SendAsync_MaxQueueZero_NobodyWaits()
    {
        using QueueFixture queue = new(builder => builder.UseQueue(0), QueueFixture.WithCap(1));
        Task<HttpResponseMessage> sending = queue.SendAsync("/0");

        (await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"))).IsSaturated.ShouldBeTrue();

        await ReleaseAllAsync(queue, sending);
    }

    [Fact]
    public async Task SendAsync_NoRoomInTime_RefusedAndSaysHowLongItWaited()
    {
        using QueueFixture queue = new(builder => builder.UseQueue(10, TimeSpan.FromSeconds(2)), QueueFixture.WithCap(1));
        Task<HttpResponseMessage> first = queue.SendAsync("/0");
        Task<HttpResponseMessage> early = queue.SendAsync("/early");
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        Task<HttpResponseMessage> late = queue.SendAsync("/late");

        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => early);

        exception.IsSaturated.ShouldBeTrue();
        exception.Message.ShouldStartWith(
            "Service 'orders' is saturated: backends are at their caps (MaxConcurrency), and there was no room within 2 s (QueueTimeout = 00:00:02); 1 other requests wait. orders: recording");
        late.IsCompleted.ShouldBeFalse();
        queue.Line.Waiting.ShouldBe(1);
        await ReleaseAllAsync(queue, first, late);
        queue.Held.Paths.ShouldBe(["/0", "/late"]);
    }

    [Fact]
    public async Task SendAsync_CanceledInLine_LeavesAtOnceAndTheOthersStay()
    {
        using QueueFixture queue = new(builder => builder.UseQueue(3), QueueFixture.WithCap(1));
        using CancellationTokenSource head = new();
        using CancellationTokenSource middle = new();
        Task<HttpResponseMessage> first = queue.SendAsync("/0");
        Task<HttpResponseMessage> canceledHead = queue.SendAsync("/head", head.Token);
        Task<HttpResponseMessage> canceledMiddle = queue.SendAsync("/middle", middle.Token);
        Task<HttpResponseMessage> last = queue.SendAsync("/last");

        await middle.CancelAsync();
        (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceledMiddle)).CancellationToken.ShouldBe(middle.Token);
        queue.Line.Waiting.ShouldBe(2);
        await head.CancelAsync();
        (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceledHead)).CancellationToken.ShouldBe(head.Token);
        queue.Line.Waiting.ShouldBe(1);

        await ReleaseAllAsync(queue, first, last);
        queue.Held.Paths.ShouldBe(["/0", "/last"]);
    }

    [Fact]
    public async Task SendAsync_CapRaised_WakesAsManyAsThereIsRoomFor()
    {
        ListSource source = new([QueueFixture.WithCap(1)]);
        using QueueFixture queue = new(builder => builder.AddSource(source));
        List<Task<HttpResponseMessage>> sending = [queue.SendAsync("/0")];
        await queue.Held.ShouldHaveComeAsync(1);
        sending.AddRange(InOrder[1..5].Select(path => queue.SendAsync(path)));

        source.Publish([QueueFixture.WithCap(3)]);

        await queue.Held.ShouldHaveComeAsync(3);
        queue.Line.Waiting.ShouldBe(2);
        source.Publish([new Backend("http://10.0.0.1:80")]);
        await queue.Held.ShouldHaveComeAsync(5);
        await ReleaseAllAsync(queue, [.. sending]);
        queue.Held.Paths.ShouldBe(InOrder[..5]);
    }

    [Fact]
    public async Task SendAsync_NewBackend_TakesThoseWhoWait()
    {
        ListSource source = new([QueueFixture.WithCap(1)]);
        using QueueFixture queue = new(builder => builder.AddSource(source));
        List<Task<HttpResponseMessage>> sending = [queue.SendAsync("/0")];
        await queue.Held.ShouldHaveComeAsync(1);
        sending.AddRange(InOrder[1..3].Select(path => queue.SendAsync(path)));

        source.Publish([QueueFixture.WithCap(1), QueueFixture.WithCap(1, number: 2)]);

        await queue.Held.ShouldHaveComeAsync(2);
        queue.Line.Waiting.ShouldBe(1);
        await ReleaseAllAsync(queue, [.. sending]);
        queue.Held.Hosts[..2].ShouldBe(["10.0.0.1", "10.0.0.2"]);
    }

    [Fact]
    public async Task SendAsync_WhoIsNotAtItsCapIsOut_WaitsAndIsWokenWhenThatOneIsBack()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1), new Backend("http://10.0.0.2:80"));
        queue.Balancer.Backends[1].SetFlag(Unavailability.CircuitOpen, true);
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];
        queue.Line.Waiting.ShouldBe(2);

        queue.Balancer.Backends[1].SetFlag(Unavailability.CircuitOpen, false);

        await queue.Held.ShouldHaveComeAsync(3);
        queue.Held.Hosts.ShouldBe(["10.0.0.1", "10.0.0.2", "10.0.0.2"]);
        await ReleaseAllAsync(queue, sending);
    }

    [Fact]
    public async Task SendAsync_OnlyATrialIsInTheWay_DoesNotWait()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(8));
        queue.Balancer.Backends[0].Permits = new AdmissionPermits(1, era: 0, TimeSpan.FromMinutes(1), queue.Clock);
        Task<HttpResponseMessage> trial = queue.SendAsync("/0");

        (await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"))).IsSaturated.ShouldBeFalse();

        await ReleaseAllAsync(queue, trial);
    }

    [Fact]
    public async Task SendAsync_TrialOfAnotherIsOver_TheNextGoesThere()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1), new Backend("http://10.0.0.2:80"));
        queue.Balancer.Backends[1].Permits = new AdmissionPermits(1, era: 0, TimeSpan.FromMinutes(1), queue.Clock);
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];
        queue.Line.Waiting.ShouldBe(1);

        queue.Held.Release("/1");

        await queue.Held.ShouldHaveComeAsync(3);
        queue.Held.Hosts.ShouldBe(["10.0.0.1", "10.0.0.2", "10.0.0.2"]);
        queue.Held.Release("/0");
        queue.Held.Release("/2");
        await Task.WhenAll(sending);
        queue.ShouldBeIdle();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task SendAsync_AllAreDrained_DoesNotWait(int? cap)
    {
        using QueueFixture queue = new(_ => { }, new Backend("http://10.0.0.1:80") { MaxConcurrency = cap });
        Task<HttpResponseMessage> running = queue.SendAsync("/0");
        Task<DrainResult> drain = queue.Balancer.DrainAsync("10.0.0.1:80", Timeout.InfiniteTimeSpan);

        (await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"))).IsSaturated.ShouldBeFalse();

        queue.Held.Release("/0");
        await Task.WhenAll(running, drain);
        queue.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_LastBackendIsTakenOutMeanwhile_NobodyWaitsForIt()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1));
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];

        queue.Balancer.Isolate("10.0.0.1:80");

        (await Should.ThrowAsync<NoBackendAvailableException>(() => sending[1])).IsSaturated.ShouldBeFalse();
        (await Should.ThrowAsync<NoBackendAvailableException>(() => sending[2])).IsSaturated.ShouldBeFalse();
        await ReleaseAllAsync(queue, sending[0]);
    }

    [Fact]
    public async Task Dispose_OfTheBalancer_EndsTheWait()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1));
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];

        queue.Balancer.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => sending[1]);
        await Should.ThrowAsync<ObjectDisposedException>(() => sending[2]);
        await ReleaseAllAsync(queue, sending[0]);
    }

    [Fact]
    public async Task SendAsync_ManyWaitForDiscovery_ThenStandInLine()
    {
        ListSource source = new();
        using QueueFixture queue = new(builder => builder.AddSource(source));
        Task<HttpResponseMessage>[] sending = [.. InOrder[..3].Select(path => queue.SendAsync(path))];
        queue.Line.Waiting.ShouldBe(0);

        source.Publish([QueueFixture.WithCap(1)]);

        for (int i = 1; i <= 3; i++)
        {
            await queue.Held.ShouldHaveComeAsync(i);
            queue.Held.Release(queue.Held.Paths[^1]);
        }

        await Task.WhenAll(sending);
        queue.ShouldBeIdle();
    }

    [Fact]
    public async Task Send_AllAtTheirCaps_BlocksUntilThereIsRoom()
    {
        using QueueFixture queue = new(_ => { }, QueueFixture.WithCap(1));
        Task<HttpResponseMessage> first = queue.SendAsync("/0");
        Task<HttpResponseMessage> blocked = Task.Factory.StartNew(
            () => queue.Invoker.Send(new HttpRequestMessage(HttpMethod.Get, "http://orders/1"), CancellationToken.None), TaskCreationOptions.LongRunning);
        while (queue.Line.Waiting == 0)
        {
            await Task.Delay(1);
        }

        await ReleaseAllAsync(queue, first, blocked);
        queue.Held.Paths.ShouldBe(["/0", "/1"]);
    }

    [Fact]
    public async Task SendAsync_KeyWhoseBackendIsFull_GoesToAnotherAndDoesNotWait()
    {
        using QueueFixture queue = new(builder => builder.UsePolicy(new RingHashPolicy()), QueueFixture.WithCap(1), QueueFixture.WithCap(1, number: 2));

        Task<HttpResponseMessage>[] sending = [SendWithKeyAsync("/0"), SendWithKeyAsync("/1"), SendWithKeyAsync("/2")];

        queue.Held.Paths.ShouldBe(["/0", "/1"]);
        queue.Held.Hosts.Distinct().Count().ShouldBe(2);
        string own = queue.Held.Hosts[0];
        queue.Held.Release("/0");
        await queue.Held.ShouldHaveComeAsync(3);
        queue.Held.Hosts[2].ShouldBe(own, "who waited still has its key");
        queue.Held.Release("/1");
        queue.Held.Release("/2");
        await Task.WhenAll(sending);
        queue.ShouldBeIdle();

        async Task<HttpResponseMessage> SendWithKeyAsync(string path)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://orders{path}");
            request.SetHashKey("somebody");
            return await queue.Invoker.SendAsync(request, CancellationToken.None);
        }
    }

    /// <summary>Answers whoever is sent, until all are through.</summary>
    private static async Task ReleaseAllAsync(QueueFixture queue, params Task<HttpResponseMessage>[] sending)
    {
        HashSet<string> released = [];
        while (!Array.TrueForAll(sending, task => task.IsCompleted))
        {
            foreach (string path in queue.Held.Paths.Where(released.Add))
            {
                queue.Held.Release(path);
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(sending);
        queue.ShouldBeIdle();
    }
}
