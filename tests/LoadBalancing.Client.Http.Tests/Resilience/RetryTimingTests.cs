using System.Globalization;
using System.Net;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>When requests are sent again, and how long they may take: on a clock that stands still.</summary>
public sealed class RetryTimingTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<(string Backend, TimeSpan At)> _sent = [];
    private readonly long _start;
    private Balancer _balancer = null!;
    private HttpMessageInvoker _invoker = null!;

    public RetryTimingTests() => _start = _clock.GetTimestamp();

    /// <summary>What a backend does with its n-th request, both from 0.</summary>
    private Func<string, int, HttpResponseMessage> Answer { get; set; } = (_, _) => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);

    /// <summary>Whether a backend answers at all.</summary>
    private Func<string, bool> Hangs { get; set; } = _ => false;

    [Fact]
    public async Task SendAsync_FailsAgainAndAgain_WaitsTwiceAsLongEachTime()
    {
        Build(2, retry => (retry.MaxAttempts, retry.BaseDelay, retry.MaxDelay) = (6, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500)), new AlwaysRandom(1.0 - 1e-9));

        using HttpResponseMessage response = await RunAsync(SendAsync());

        // Just below, and timers count whole milliseconds.
        _sent.Zip(_sent.Skip(1), (one, next) => (next.At - one.At).TotalMilliseconds).ShouldBe([99, 199, 399, 499, 499]);
    }

    [Fact]
    public async Task SendAsync_SmallestRandomNumber_WaitsHalfAsLong()
    {
        Build(2, retry => retry.BaseDelay = TimeSpan.FromMilliseconds(100), new AlwaysRandom(0));

        using HttpResponseMessage response = await RunAsync(SendAsync());

        _sent.Select(sent => sent.At.TotalMilliseconds).ShouldBe([0, 50, 150]);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("Thu, 01 Jan 2026 00:00:02 GMT")]
    public async Task SendAsync_RetryAfterAndNobodyElse_WaitsForIt(string retryAfter)
    {
        Answer = (_, index) => Refuse(index == 0 ? retryAfter : null);
        Build(1, retry => retry.MaxAttempts = 2);

        using HttpResponseMessage response = await RunAsync(SendAsync());

        _sent.Select(sent => sent.At).ShouldBe([TimeSpan.Zero, 2 * Second]);
    }

    [Fact]
    public async Task SendAsync_RetryAfterInThePast_IsNoWish()
    {
        Answer = (_, _) => Refuse("Thu, 01 Jan 1970 00:00:00 GMT");
        Build(1, retry => (retry.MaxAttempts, retry.BaseDelay) = (2, TimeSpan.Zero));

        using HttpResponseMessage response = await SendAsync();

        _sent.Count.ShouldBe(2);
    }

    [Fact]
    public async Task SendAsync_RetryAfterButSomebodyElse_IsSentThere()
    {
        Answer = (backend, _) => backend == "a" ? Refuse("3600") : new HttpResponseMessage();
        Build(2, retry => retry.BaseDelay = TimeSpan.Zero);

        using HttpResponseMessage response = await SendAsync();

        _sent.ShouldBe([("a", TimeSpan.Zero), ("b", TimeSpan.Zero)]);
    }

    [Fact]
    public async Task SendAsync_AllHaveSentRetryAfter_WaitsForTheEarliest()
    {
        Answer = (backend, index) => index > 0 ? new HttpResponseMessage() : Refuse(backend switch { "a" => "4", "b" => "2", _ => "3" });
        Build(3, retry => (retry.MaxAttempts, retry.BaseDelay) = (4, TimeSpan.Zero));

        using HttpResponseMessage response = await RunAsync(SendAsync());

        _sent.ShouldBe([("a", TimeSpan.Zero), ("b", TimeSpan.Zero), ("c", TimeSpan.Zero), ("b", 2 * Second)]);
    }

    [Fact]
    public async Task SendAsync_StartsOver_LeavesOutThoseThatDoNotWantItYet()
    {
        Answer = (backend, index) => backend == "a" ? Refuse("60") : Refuse(null);
        Build(2, retry => (retry.MaxAttempts, retry.BaseDelay) = (4, TimeSpan.Zero));

        using HttpResponseMessage response = await SendAsync();

        _sent.Select(sent => sent.Backend).ShouldBe(["a", "b", "b", "b"]);
    }

    [Fact]
    public async Task SendAsync_RetryAfterIsTooLong_ReturnsTheAnswer()
    {
        Answer = (_, _) => Refuse("6");
        Build(1, _ => { });

        using HttpResponseMessage response = await SendAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _sent.Count.ShouldBe(1);
        RetryBudget.Of(_balancer).Held.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_BackoffDoesNotFitIntoTheRequestsTime_ReturnsTheAnswer()
    {
        Build(2, retry => (retry.MaxAttempts, retry.BaseDelay) = (4, 400 * TimeSpan.FromMilliseconds(1)), new AlwaysRandom(1.0 - 1e-9), builder => builder.UseRequestTimeout(Second));

        using HttpResponseMessage response = await RunAsync(SendAsync());

        // 400 ms, and then 800 ms would be too much.
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _sent.Count.ShouldBe(2);
        response.GetAttempts().Count.ShouldBe(2);
    }

    [Fact]
    public async Task SendAsync_RequestTimeoutInTheSecondAttempt_NamesItAndBlamesNobody()
    {
        Answer = (_, _) => Refuse(null);
        Hangs = backend => backend == "b";
        Build(2, retry => retry.BaseDelay = TimeSpan.FromMilliseconds(200), new AlwaysRandom(0), builder => builder.UseRequestTimeout(Second));
        List<Outcome> outcomes = Observe();
        Task<HttpResponseMessage> sending = SendAsync();
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await _clock.WaitForTimersAsync(1);

        _clock.Advance(TimeSpan.FromMilliseconds(900) - TimeSpan.FromTicks(1));
        sending.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromTicks(1));

        RequestTimeoutException exception = await Should.ThrowAsync<RequestTimeoutException>(() => sending);
        (exception.Service, exception.Backend, exception.RequestTimeout).ShouldBe(("orders", "b", Second));
        exception.Message.ShouldBe(
            "Service 'orders': no response headers within 00:00:01 (the request timeout: RequestTimeout, UseRequestTimeout, or the request's SetRequestTimeout); backend 'b' was to answer then after 900 ms; before: 'a' 503 after 0 ms.");
        exception.Attempts.Select(attempt => attempt.ErrorType).ShouldBe(["503", "timeout"]);
        outcomes.Select(outcome => outcome.Kind).ShouldBe([OutcomeKind.Failed, OutcomeKind.Canceled]);
        ShouldBeClean();
    }

    [Fact]
    public async Task SendAsync_RequestTimeoutInTheOnlyAttempt_CountsAgainstTheBackend()
    {
        Hangs = _ => true;
        Build(2, _ => { }, configure: builder => builder.UseRequestTimeout(Second));
        List<Outcome> outcomes = Observe();
        Task<HttpResponseMessage> sending = SendAsync();
        await _clock.WaitForTimersAsync(1);

        _clock.Advance(Second);

        await Should.ThrowAsync<RequestTimeoutException>(() => sending);
        outcomes.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Failed);
        ShouldBeClean();
    }

    [Fact]
    public async Task SendAsync_RequestsOwnTime_Wins()
    {
        Hangs = _ => true;
        Build(1, _ => { });
        Task<HttpResponseMessage> sending = SendAsync(request => request.SetRequestTimeout(2 * Second));
        await _clock.WaitForTimersAsync(1);

        _clock.Advance(2 * Second);

        (await Should.ThrowAsync<RequestTimeoutException>(() => sending)).RequestTimeout.ShouldBe(2 * Second);
    }

    [Fact]
    public async Task SendAsync_WaitsForTheFirstBackendsTooLong_IsARequestTimeout()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddSource(new ListSource()).UseTimeProvider(_clock).UseRequestTimeout(Second).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler()));
        Task<HttpResponseMessage> sending = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None);
        await _clock.WaitForTimersAsync(2);

        _clock.Advance(Second);

        RequestTimeoutException exception = await Should.ThrowAsync<RequestTimeoutException>(() => sending);
        exception.Backend.ShouldBeNull();
        exception.Message.ShouldContain("no backend was found by then");
    }

    [Fact]
    public async Task SendAsync_AllAttemptsTimeOut_SaysWhatWasTried()
    {
        Hangs = _ => true;
        Build(2, retry => (retry.MaxAttempts, retry.BaseDelay) = (2, TimeSpan.Zero), configure: builder => builder.UseAttemptTimeout(3 * Second));
        Task<HttpResponseMessage> sending = SendAsync();
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(3 * Second);
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(3 * Second);

        AttemptTimeoutException exception = await Should.ThrowAsync<AttemptTimeoutException>(() => sending);
        exception.Message.ShouldBe(
            "Service 'orders': backend 'b' sent no response headers within 00:00:03 (the attempt timeout: AttemptTimeout, UseAttemptTimeout, or the request's SetAttemptTimeout); before: 'a' timeout after 3000 ms.");
        ShouldBeClean();
    }

    [Fact]
    public async Task SendAsync_CanceledInBackoff_IsTheCallersCancellationAndLeavesNothing()
    {
        Build(2, retry => (retry.BaseDelay, retry.MaxDelay) = (Second, Second));
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> sending = SendAsync(token: cancellation.Token);
        await _clock.WaitForTimersAsync(1);
        RetryBudget.Of(_balancer).Held.ShouldBe(1);

        await cancellation.CancelAsync();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        exception.CancellationToken.ShouldBe(cancellation.Token);
        exception.Message.ShouldBe("Service 'orders': the caller canceled the request before it was sent again; so far: 'a' 503 after 0 ms.");
        _sent.Count.ShouldBe(1);
        ShouldBeClean();
    }

    [Fact]
    public async Task SendAsync_CanceledInTheSecondAttempt_SaysWhatWasTried()
    {
        Hangs = backend => backend == "b";
        Build(2, retry => retry.BaseDelay = TimeSpan.Zero);
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> sending = SendAsync(token: cancellation.Token);
        _clock.Advance(Second);

        await cancellation.CancelAsync();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        exception.CancellationToken.ShouldBe(cancellation.Token);
        exception.Message.ShouldBe("Service 'orders': the caller canceled the request while backend 'b' was to answer after 1000 ms; before: 'a' 503 after 0 ms.");
        ShouldBeClean();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_BodyTakesLongerThanTheRequestMay_IsATimeoutOfTheRequest(bool isSynchronous)
    {
        Build(1, retry => retry.MaxBufferedBodyBytes = 10, configure: builder => builder.UseRequestTimeout(Second));
        using HttpRequestMessage request = new(HttpMethod.Put, "http://orders/") { Content = new StreamContent(new SilentStream()) { Headers = { ContentLength = 1 } } };
        Task<HttpResponseMessage> sending = isSynchronous
            ? Task.Run(() => _invoker!.Send(request, CancellationToken.None))
            : _invoker!.SendAsync(request, CancellationToken.None);
        await _clock.WaitForTimersAsync(1);

        _clock.Advance(Second);

        (await Should.ThrowAsync<RequestTimeoutException>(() => sending)).Backend.ShouldBeNull();
        _sent.ShouldBeEmpty();
        ShouldBeClean();
    }

    [Fact]
    public async Task SendAsync_BodyTakesMostOfTheTime_LeavesTheRestToTheAttempt()
    {
        Hangs = _ => true;
        Build(1, retry => retry.MaxBufferedBodyBytes = 10, configure: builder => builder.UseRequestTimeout(Second));
        using HttpRequestMessage request = new(HttpMethod.Put, "http://orders/") { Content = new SlowContent(() => _clock.Advance(0.9 * Second)) };
        Task<HttpResponseMessage> sending = _invoker!.SendAsync(request, CancellationToken.None);
        await _clock.WaitForTimersAsync(1);

        _clock.Advance(0.1 * Second);

        (await Should.ThrowAsync<RequestTimeoutException>(() => sending)).Backend.ShouldBe("a");
        ShouldBeClean();
    }

    public void Dispose()
    {
        _invoker?.Dispose();
        _balancer?.Dispose();
    }

    private static HttpResponseMessage Refuse(string? retryAfter)
    {
        HttpResponseMessage response = new(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("sorry") };
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    private void Build(int count, Action<RetryOptions> configureRetries, Random? random = null, Action<BalancerBuilder>? configure = null)
    {
        BalancerBuilder builder = new BalancerBuilder("orders")
            .AddBackends([.. Enumerable.Range(0, count).Select(i => new Backend(string.Create(CultureInfo.InvariantCulture, $"http://10.0.0.{i + 1}:80")) { Id = ((char)('a' + i)).ToString() })])
            .UsePolicy(new PickFirstPolicy())
            .UseCircuitBreaker(breaker => breaker.Enabled = false)
            .UseTimeProvider(_clock)
            .UseRandom(random ?? new Random(1))
            .UseRetries(configureRetries);
        configure?.Invoke(builder);
        _balancer = builder.Build();
        _invoker = new HttpMessageInvoker(new LoadBalancingHandler(_balancer, new StubHandler(RespondAsync)));
    }

    private Task<HttpResponseMessage> RespondAsync(HttpRequestMessage request, CancellationToken token)
    {
        string backend = ((char)('a' + (request.RequestUri!.Host[^1] - '1'))).ToString();
        int index = _sent.Count(sent => sent.Backend == backend);
        _sent.Add((backend, _clock.GetElapsedTime(_start)));
        return Hangs(backend) ? HangAsync(token) : Task.FromResult(Answer(backend, index));
    }

    private static async Task<HttpResponseMessage> HangAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.Infinite, token);
        throw new InvalidOperationException("It cannot come to this.");
    }

    private Task<HttpResponseMessage> SendAsync(Action<HttpRequestMessage>? prepare = null, CancellationToken token = default)
    {
        HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        prepare?.Invoke(request);
        return _invoker.SendAsync(request, token);
    }

    /// <summary>Lets the clock go from one timer to the next until the request is over.</summary>
    private async Task<HttpResponseMessage> RunAsync(Task<HttpResponseMessage> sending)
    {
        while (!sending.IsCompleted)
        {
            if (_clock.UntilNextTimer is { } wait)
            {
                _clock.Advance(wait);
            }

            await Task.Yield();
        }

        return await sending;
    }

    private List<Outcome> Observe()
    {
        List<Outcome> outcomes = [];
        _balancer.Start();
        foreach (BackendState backend in _balancer.Backends)
        {
            backend.SetObservers([new Recorder(outcomes)]);
        }

        return outcomes;
    }

    private void ShouldBeClean()
    {
        _balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(0);
        RetryBudget.Of(_balancer).Held.ShouldBe(0);
        _clock.ActiveTimers.ShouldBe(0);
    }

    /// <summary>Draws the same number again and again.</summary>
    private sealed class AlwaysRandom(double value) : Random(1)
    {
        public override double NextDouble() => value;
    }

    private sealed class Recorder(List<Outcome> outcomes) : Client.Backends.IBackendObserver
    {
        public void Observe(in Client.Backends.AttemptReport report)
        {
            if (report.IsResponse)
            {
                outcomes.Add(report.Outcome);
            }
        }
    }

    /// <summary>Has nothing to say for ever.</summary>
    private sealed class SilentStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }

    /// <summary>A byte that takes its time.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly Action _beforeItIsRead;

        public SlowContent(Action beforeItIsRead) => (_beforeItIsRead, Headers.ContentLength) = (beforeItIsRead, 1);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _beforeItIsRead();
            stream.WriteByte(1);
            return Task.CompletedTask;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1;
            return true;
        }
    }
}
