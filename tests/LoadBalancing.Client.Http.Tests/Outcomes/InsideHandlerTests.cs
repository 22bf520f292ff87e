using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Outcomes;

/// <summary>Handlers between the balancer and the primary handler that make calls of their own, to a token service say: what becomes of those says nothing about the backend.</summary>
public sealed class InsideHandlerTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task SendAsync_OwnCallIsRefused_IsNotTheBackends(bool isBefore, bool isByHand)
    {
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = UnusedPort.Address() };

        Exception exception = await ShouldSayNothingAsync(new CallingHandler(tokens, isBefore), isBefore ? 0 : 1, isByHand);

        exception.ShouldBeOfType<HttpRequestException>().HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task SendAsync_OwnCallTimesOut_IsNotTheBackends(bool isBefore, bool isByHand)
    {
        await using LoopbackTcpServer silent = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = silent.Address, Timeout = TimeSpan.FromMilliseconds(100) };

        Exception exception = await ShouldSayNothingAsync(new CallingHandler(tokens, isBefore), isBefore ? 0 : 1, isByHand);

        exception.ShouldBeOfType<TaskCanceledException>().InnerException.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task Send_OwnCallIsRefused_IsNotTheBackends()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = UnusedPort.Address() };
        using Balancer balancer = Describe(new BalancerBuilder("orders"), [server.Address, server.Address]).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new CallingHandler(tokens, isBefore: false) { InnerHandler = new SocketsHttpHandler { UseProxy = false } }));

        HttpRequestException exception = Should.Throw<HttpRequestException>(() => invoker.Send(new HttpRequestMessage(HttpMethod.Post, "http://orders/"), CancellationToken.None));

        exception.ShouldBeOfType<HttpRequestException>();
        server.RequestCount.ShouldBe(1);
        ShouldBeUntouched(balancer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_BackendRefuses_IsSentToAnother(bool isByHand)
    {
        await using LoopbackServer tokenServer = await LoopbackServer.StartAsync();
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = tokenServer.Address };
        await using Setup setup = Setup.Create(new CallingHandler(tokens, isBefore: true), [UnusedPort.Address(), server.Address], isByHand);

        using HttpResponseMessage response = await setup.Client.PostAsync("/", new StringContent("x"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (tokenServer.RequestCount, server.RequestCount).ShouldBe((2, 1));
        setup.Balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
        setup.Balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(0);
    }

    [Fact]
    public async Task Send_BackendRefuses_IsSentToAnother()
    {
        await using LoopbackServer tokenServer = await LoopbackServer.StartAsync();
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = tokenServer.Address };
        await using Setup setup = Setup.Create(new CallingHandler(tokens, isBefore: true), [UnusedPort.Address(), server.Address], isByHand: true);

        using HttpResponseMessage response = setup.Client.Send(new HttpRequestMessage(HttpMethod.Post, "/"));

        server.RequestCount.ShouldBe(1);
        setup.Balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task SendAsync_CopyOfTheRequestIsRefused_IsSentToAnother()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        await using Setup setup = Setup.Create(new CopyingHandler(), [UnusedPort.Address(), server.Address], isByHand: false);

        using HttpResponseMessage response = await setup.Client.GetAsync("/");

        server.RequestCount.ShouldBe(1);
        setup.Balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task SendAsync_OwnCallTakesTheWholeAttempt_IsNotTheBackends()
    {
        FakeTimeProvider clock = new();
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using Balancer balancer = Describe(new BalancerBuilder("orders").UseTimeProvider(clock), [server.Address]).Build();
        TaskCompletionSource isWaiting = new();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new WaitingHandler(isWaiting) { InnerHandler = new SocketsHttpHandler { UseProxy = false } }));
        Task<HttpResponseMessage> sending = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None);
        await isWaiting.Task;

        clock.Advance(TimeSpan.FromSeconds(10));

        (await Should.ThrowAsync<AttemptTimeoutException>(() => sending)).Attempts.ShouldHaveSingleItem().ErrorType.ShouldBe("timeout");
        ShouldBeUntouched(balancer);
    }

    [Fact]
    public async Task SendAsync_HandlerWasInUseBefore_CountsAllAsTheBackends()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using HttpClient tokens = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = UnusedPort.Address() };
        CallingHandler used = new(tokens, isBefore: false) { InnerHandler = new SocketsHttpHandler { UseProxy = false } };
        using HttpMessageInvoker other = new(used, disposeHandler: false);
        await Should.ThrowAsync<HttpRequestException>(() => other.SendAsync(new HttpRequestMessage(HttpMethod.Get, server.Address), CancellationToken.None));
        using Balancer balancer = Describe(new BalancerBuilder("orders"), [server.Address]).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, used));

        await Should.ThrowAsync<BackendRequestException>(() => invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None));

        balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
    }

    private static async Task<Exception> ShouldSayNothingAsync(DelegatingHandler inside, int requests, bool isByHand)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        await using Setup setup = Setup.Create(inside, [server.Address, server.Address], isByHand);

        Exception? exception = await Record.ExceptionAsync(() => setup.Client.PostAsync("/", new StringContent("x")));

        server.RequestCount.ShouldBe(requests);
        ShouldBeUntouched(setup.Balancer);
        return exception.ShouldNotBeNull();
    }

    private static void ShouldBeUntouched(Balancer balancer)
    {
        balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(0);
        balancer.Backends.ShouldAllBe(backend => backend.Circuit == CircuitState.Closed);
    }

    /// <summary>Backends whose circuits open at the first failure.</summary>
    private static BalancerBuilder Describe(BalancerBuilder builder, Uri[] servers) => builder
        .AddBackends([.. servers.Select((server, index) => new Backend(server) { Id = $"{(char)('a' + index)}" })])
        .UsePolicy(new PickFirstPolicy())
        .UseCircuitBreaker(breaker => breaker.ConsecutiveFailures = 1)
        .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero);

    /// <summary>A client with a handler inside, of the factory or made by hand.</summary>
    private sealed class Setup(HttpClient client, Balancer balancer, IAsyncDisposable? provider) : IAsyncDisposable
    {
        public HttpClient Client => client;

        public Balancer Balancer => balancer;

        public static Setup Create(DelegatingHandler inside, Uri[] servers, bool isByHand)
        {
            if (isByHand)
            {
                inside.InnerHandler = new SocketsHttpHandler { UseProxy = false };
                Balancer balancer = Describe(new BalancerBuilder("orders"), servers).Build();
                return new Setup(new HttpClient(new LoadBalancingHandler(balancer, inside)) { BaseAddress = new Uri("http://orders/") }, balancer, null);
            }

            ServiceCollection services = new();
            services.AddLoadBalancedHttpClient("orders", balancer => Describe(balancer, servers)).AddHttpMessageHandler(() => inside);
            ServiceProvider provider = services.BuildServiceProvider();
            return new Setup(provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders"), provider.GetRequiredKeyedService<Balancer>("orders"), provider);
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            balancer.Dispose();
            if (provider is not null)
            {
                await provider.DisposeAsync();
            }
        }
    }

    /// <summary>Asks a token service before each request, or tells it afterwards.</summary>
    private sealed class CallingHandler(HttpClient tokens, bool isBefore) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (isBefore)
            {
                (await tokens.GetAsync("/", cancellationToken)).Dispose();
            }

            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (!isBefore)
            {
                (await tokens.GetAsync("/", cancellationToken)).Dispose();
            }

            return response;
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (isBefore)
            {
                tokens.Send(new HttpRequestMessage(HttpMethod.Get, "/"), cancellationToken).Dispose();
            }

            HttpResponseMessage response = base.Send(request, cancellationToken);
            if (!isBefore)
            {
                tokens.Send(new HttpRequestMessage(HttpMethod.Get, "/"), cancellationToken).Dispose();
            }

            return response;
        }
    }

    /// <summary>Sends something else in place of the request, as handlers with several attempts do.</summary>
    private sealed class CopyingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using HttpRequestMessage copy = new(request.Method, request.RequestUri);
            return await base.SendAsync(copy, cancellationToken);
        }
    }

    /// <summary>Waits for something that never comes.</summary>
    private sealed class WaitingHandler(TaskCompletionSource isWaiting) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Task waiting = Task.Delay(Timeout.Infinite, cancellationToken);
            isWaiting.SetResult();
            await waiting;
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
