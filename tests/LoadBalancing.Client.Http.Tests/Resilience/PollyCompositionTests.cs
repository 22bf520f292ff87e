using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>How retries go together with a user's own pipeline on the same client, outside and inside, and with <see cref="HttpClient.Timeout"/>.</summary>
public sealed class PollyCompositionTests
{
    [Fact]
    public async Task PipelineOutside_SeesOneRequest()
    {
        await using LoopbackServer first = await LoopbackServer.StartAsync(Answer(503));
        await using LoopbackServer second = await LoopbackServer.StartAsync(Answer(200));
        await using ServiceProvider provider = Build([first.Address, second.Address], outside: true, new ResiliencePipelineBuilder<HttpResponseMessage>());

        using HttpResponseMessage response = await CreateClient(provider).GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        provider.GetRequiredService<PipelineHandler>().Seen.ShouldBe([HttpStatusCode.OK]);
        response.GetAttempts().Count.ShouldBe(2);
    }

    [Fact]
    public async Task PipelineInside_SeesEachAttempt()
    {
        await using LoopbackServer first = await LoopbackServer.StartAsync(Answer(503));
        await using LoopbackServer second = await LoopbackServer.StartAsync(Answer(200));
        await using ServiceProvider provider = Build([first.Address, second.Address], outside: false, new ResiliencePipelineBuilder<HttpResponseMessage>());

        using HttpResponseMessage response = await CreateClient(provider).GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        provider.GetRequiredService<PipelineHandler>().Seen.ShouldBe([HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK]);
    }

    [Fact]
    public async Task RetriesOutside_MultiplyWithThoseInside()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(Answer(503));
        await using ServiceProvider provider = Build([server.Address], outside: true, new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.StatusCode == HttpStatusCode.ServiceUnavailable),
        }));

        using HttpResponseMessage response = await CreateClient(provider).GetAsync("/");

        // Two requests of three attempts each: turn off one of the two.
        server.RequestCount.ShouldBe(6);
        provider.GetRequiredKeyedService<Balancer>("orders").Backends[0].InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task RetriesOutside_PostWithoutKey_AreTheUsersOwnDecision()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(Answer(200));
        await using ServiceProvider provider = Build([UnusedPort.Address(), server.Address], outside: true, new ResiliencePipelineBuilder<HttpResponseMessage>());

        using HttpResponseMessage response = await CreateClient(provider).PostAsync("/", new StringContent("x"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.RequestCount.ShouldBe(1);
    }

    [Fact]
    public async Task TimeoutOutside_IsTheCallersCancellation()
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using ServiceProvider provider = Build([server.Address], outside: true, new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }.AddTimeout(TimeSpan.FromSeconds(3)));
        Task<HttpResponseMessage> sending = CreateClient(provider).GetAsync("/");
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(3));

        TimeoutRejectedException exception = await Should.ThrowAsync<TimeoutRejectedException>(() => sending);
        exception.InnerException!.Message.ShouldContain("the caller canceled the request while backend");
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        balancer.Backends[0].InFlight.ShouldBe(0);
        balancer.Backends[0].Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public async Task TimeoutInside_IsAnExceptionOfTheUsersAndNotRetried()
    {
        FakeTimeProvider clock = new();
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using ServiceProvider provider = Build([server.Address], outside: false, new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }.AddTimeout(TimeSpan.FromSeconds(3)));
        Task<HttpResponseMessage> sending = CreateClient(provider).GetAsync("/");
        await clock.WaitForTimersAsync(1);

        clock.Advance(TimeSpan.FromSeconds(3));

        await Should.ThrowAsync<TimeoutRejectedException>(() => sending);
        server.ConnectionCount.ShouldBe(1);
        provider.GetRequiredKeyedService<Balancer>("orders").Backends[0].InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task HttpClientTimeout_EndsTheRequestWithAllItsAttempts()
    {
        await using LoopbackServer first = await LoopbackServer.StartAsync(Answer(503));
        await using LoopbackTcpServer second = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        await using ServiceProvider provider = Build([first.Address, second.Address], outside: true, new ResiliencePipelineBuilder<HttpResponseMessage>());
        using HttpClient client = CreateClient(provider);
        client.Timeout = TimeSpan.FromMilliseconds(200);

        // Shouldly makes an exception of its own of a canceled task.
        TaskCanceledException exception = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync("/"));

        exception.InnerException.ShouldBeOfType<TimeoutException>();
        provider.GetRequiredKeyedService<Balancer>("orders").Backends.Sum(backend => backend.InFlight).ShouldBe(0);
    }

    private static RequestDelegate Answer(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static HttpClient CreateClient(ServiceProvider provider) => provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

    /// <summary>The client of a service, with a pipeline of the user's added before or after the balancing.</summary>
    private static ServiceProvider Build(Uri[] servers, bool outside, ResiliencePipelineBuilder<HttpResponseMessage> pipeline)
    {
        ServiceCollection services = new();
        PipelineHandler handler = new(pipeline.Build());
        services.AddSingleton(handler);
        void configure(BalancerBuilder balancer) => balancer
            .AddBackends([.. servers.Select(server => new Backend(server))])
            .UsePolicy(new PickFirstPolicy())
            .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero);
        if (outside)
        {
            services.AddHttpClient("orders").AddHttpMessageHandler(() => handler);
            services.AddLoadBalancedHttpClient("orders", configure);
        }
        else
        {
            services.AddLoadBalancedHttpClient("orders", configure).AddHttpMessageHandler(() => handler);
        }

        return services.BuildServiceProvider();
    }

    /// <summary>What resilience libraries do: each request that comes by runs through a pipeline.</summary>
    private sealed class PipelineHandler(ResiliencePipeline<HttpResponseMessage> pipeline) : DelegatingHandler
    {
        private readonly List<HttpStatusCode> _seen = [];

        public IReadOnlyList<HttpStatusCode> Seen => _seen;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await pipeline.ExecuteAsync(async token => await base.SendAsync(request, token), cancellationToken);
            _seen.Add(response.StatusCode);
            return response;
        }
    }
}
