using System.Net;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>Which attempts a hedged request has, when, and which one is its answer.</summary>
public sealed class HedgingTests
{
    private static readonly int[] SlowThenFast = [1_000, 10, 10];

    [Fact]
    public async Task SendAsync_AnswerTakesLonger_IsAnsweredByAnother()
    {
        using HedgedClient client = HedgedClient.Create(SlowThenFast);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(49);
        client.Backends.Asked.ShouldBe(["a"]);
        client.Advance(1);
        client.Backends.Asked.ShouldBe(["a", "b"]);
        client.InFlight.ShouldBe([1, 1, 0]);
        client.Advance(10);

        sending.IsCompleted.ShouldBeTrue();
        HttpResponseMessage response = await sending;
        response.GetBackend()!.Id.ShouldBe("b");
        (await response.Content.ReadAsStringAsync()).ShouldBe("b");
        response.GetAttempts().Select(attempt => (attempt.Backend, (int?)attempt.StatusCode, attempt.ErrorType, attempt.Elapsed?.TotalMilliseconds))
            .ShouldBe([("a", null, "canceled", 60), ("b", 200, null, 10)]);
        client.Backends.Canceled.ShouldBe(["a"]);
        response.Dispose();
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_AnsweredInTime_IsNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([49, 10]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(49);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().ShouldHaveSingleItem().Backend.ShouldBe("a");
        }

        client.ShouldBeIdle();
        client.Advance(10_000);
        client.Backends.Asked.ShouldBe(["a"]);
    }

    [Fact]
    public async Task SendAsync_FirstIsFasterThanItsHedge_FirstWins()
    {
        using HedgedClient client = HedgedClient.Create([60, 1_000]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(60);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().Select(attempt => (attempt.Backend, attempt.ErrorType)).ShouldBe([("b", "canceled"), ("a", null)]);
        }

        client.Backends.Canceled.ShouldBe(["b"]);
        client.ShouldBeIdle();
    }

    [Theory]
    [InlineData(1, "a b")]
    [InlineData(2, "a b c")]
    [InlineData(3, "a b c d")]
    public async Task SendAsync_MaxHedges_AsksOneMoreAfterEachDelay(int maxHedges, string asked)
    {
        using HedgedClient client = HedgedClient.Create([1_000, 1_000, 1_000, 1_000, 1_000], builder => builder.UseHedging(hedging => hedging.MaxHedges = maxHedges));

        Task<HttpResponseMessage> sending = client.GetAsync();
        for (int hedges = 0; hedges <= maxHedges; hedges++)
        {
            client.Backends.Asked.Count.ShouldBe(hedges + 1);
            client.Advance(50);
        }

        client.Advance(2_000);
        using (HttpResponseMessage response = await sending)
        {
            response.GetBackend()!.Id.ShouldBe("a");
        }

        client.Backends.Asked.ShouldBe(asked.Split(' '));
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_HedgeFails_WaitsForTheFirst()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10, 10], [200, 503, 200]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(50);
        client.Advance(949);
        sending.IsCompleted.ShouldBeFalse();
        client.Advance(1);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().Select(attempt => (attempt.Backend, (int?)attempt.StatusCode)).ShouldBe([("b", 503), ("a", 200)]);
        }

        client.Backends.Asked.ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_FirstFailsAfterItsHedgeWasSent_WaitsForTheHedge()
    {
        using HedgedClient client = HedgedClient.Create([60, 1_000, 10], [0, 200, 200]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(1_050);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().Select(attempt => (attempt.Backend, attempt.ErrorType)).ShouldBe([("a", "connection_error"), ("b", null)]);
        }

        client.Backends.Asked.ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_AllFail_IsSentAgainToOneThatWasNotAsked()
    {
        using HedgedClient client = HedgedClient.Create([60, 20, 10], [503, 502, 200]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(80);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().Select(attempt => (attempt.Backend, (int?)attempt.StatusCode)).ShouldBe([("a", 503), ("b", 502), ("c", 200)]);
        }

        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_AllFailAndNoAttemptIsLeft_ReturnsTheLastAnswer()
    {
        using HedgedClient client = HedgedClient.Create([60, 20, 10], [503, 502, 200], builder => builder.UseRetries(retry => retry.MaxAttempts = 2));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(70);

        HttpResponseMessage response = await sending;
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        response.RequestMessage!.RequestUri.ShouldBe(new Uri("http://orders/items"));
        (await response.Content.ReadAsStringAsync()).ShouldBe("b");
        response.Dispose();
        client.Backends.Asked.ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_AllFailWithoutAnswer_ThrowsAndTellsOfAll()
    {
        using HedgedClient client = HedgedClient.Create([60, 20], [503, 0], builder => builder.UseRetries(retry => retry.Enabled = false));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(70);

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => sending);
        exception.Message.ShouldContain("no connection to backend 'b'");
        exception.Message.ShouldContain("before: 'a' 503 after 60 ms");
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_FirstFailsBeforeTheDelay_IsRetriedAndNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([10, 1_000, 10], [503, 200, 200]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(1_010);

        using (HttpResponseMessage response = await sending)
        {
            response.GetBackend()!.Id.ShouldBe("b");
        }

        client.Backends.Asked.ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_FailureThatIsNobodys_EndsAllOfThem()
    {
        bool isSecond = false;
        using HedgedClient client = HedgedClient.Create([1_000, 1_000], builder => builder.UseAttemptTimeout(TimeSpan.FromMilliseconds(500)).UseRequestTimeout(TimeSpan.FromMilliseconds(300)));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(299);
        sending.IsCompleted.ShouldBeFalse();
        client.Advance(1);
        isSecond = sending.IsCompleted;

        isSecond.ShouldBeTrue();
        await Should.ThrowAsync<RequestTimeoutException>(() => sending);
        client.Backends.Canceled.Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_AttemptTimeout_EndsTheFirstAndLeavesTheHedgeItsTime()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 80], builder => builder.UseAttemptTimeout(TimeSpan.FromMilliseconds(100)));

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(100);
        client.Backends.Canceled.ShouldBe(["a"]);
        client.Advance(30);

        using (HttpResponseMessage response = await sending)
        {
            response.GetAttempts().Select(attempt => (attempt.Backend, attempt.ErrorType)).ShouldBe([("a", "timeout"), ("b", null)]);
        }

        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_OnlyOneBackend_IsNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([1_000]);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(999);

        client.InFlight.ShouldBe([1]);
        client.Advance(1);
        (await sending).Dispose();
        client.Backends.Asked.ShouldBe(["a"]);
        RetryBudget.Of(client.Balancer).Held.ShouldBe(0);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_OthersAreFull_IsNotHedgedAndLeavesNoTrace()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10], builder => builder.Configure(options =>
        {
            options.Backends.Clear();
            options.Backends.Add(new Backend("http://a:80") { Id = "a", MaxConcurrency = 2 });
            options.Backends.Add(new Backend("http://b:80") { Id = "b", MaxConcurrency = 1 });
        }));
        client.Balancer.TryPick(new PickRequest { Excluded = default(BackendExclusions).With(client.Balancer.Backends[0]) }, out BackendLease lease).ShouldBeTrue();
        lease.Backend.Id.ShouldBe("b");

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(500);

        client.InFlight.ShouldBe([1, 1]);
        client.Backends.Asked.ShouldBe(["a"]);
        RetryBudget.Of(client.Balancer).Held.ShouldBe(0);
        client.Advance(500);
        (await sending).Dispose();
        lease.Complete(default);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_BudgetIsSpent_IsNotHedged()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 100], builder => builder.UseRetries(retry =>
        {
            retry.Budget.Ratio = 0;
            retry.Budget.MinRetries = 2;
        }));

        Task<HttpResponseMessage>[] sending = [client.GetAsync(), client.GetAsync(), client.GetAsync()];
        client.Advance(50);
        client.Backends.Asked.ShouldBe(["a", "a", "a", "b", "b"]);
        client.Advance(950);

        foreach (HttpResponseMessage response in await Task.WhenAll(sending))
        {
            response.Dispose();
        }

        client.Backends.Asked.Count.ShouldBe(5);
        RetryBudget.Of(client.Balancer).Held.ShouldBe(0);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_RetriesAreOff_IsHedgedWithinTheBudgetAllTheSame()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 1_000], builder => builder.UseRetries(retry =>
        {
            retry.Enabled = false;
            retry.Budget.Ratio = 0;
            retry.Budget.MinRetries = 1;
        }));

        Task<HttpResponseMessage>[] sending = [client.GetAsync(), client.GetAsync()];
        client.Advance(50);
        client.Backends.Asked.ShouldBe(["a", "a", "b"]);
        client.Advance(2_000);

        foreach (HttpResponseMessage response in await Task.WhenAll(sending))
        {
            response.Dispose();
        }

        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_CallerCancels_EndsAllAttempts()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 1_000]);
        using CancellationTokenSource cancellation = new();

        Task<HttpResponseMessage> sending = client.GetAsync(cancellation.Token);
        client.Advance(60);
        cancellation.Cancel();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        exception.CancellationToken.ShouldBe(cancellation.Token);
        client.Backends.Canceled.Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        client.ShouldBeIdle();
    }

    [Fact]
    public async Task SendAsync_LoserIsDeafToCancellation_DoesNotHoldTheAnswerUp()
    {
        using HedgedClient client = HedgedClient.Create([1_000, 10], [200, 200], isDeaf: true);

        Task<HttpResponseMessage> sending = client.GetAsync();
        client.Advance(60);

        sending.IsCompleted.ShouldBeTrue();
        (await sending).Dispose();
        client.InFlight.ShouldBe([1, 0], "it is still at it");
        client.Advance(940);
        client.ShouldBeIdle();
    }
}
