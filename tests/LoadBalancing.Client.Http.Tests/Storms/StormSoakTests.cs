using System.Diagnostics;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Storms;

/// <summary>All servers answer 503 for 10 s, at 500 requests a second, and then work again; with the retry budget, and without it.</summary>
[Trait("Category", "Soak")]
public sealed class StormSoakTests(ITestOutputHelper output)
{
    private const int Servers = 5;
    private const double RatePerSecond = 500;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StormTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RecoveryTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Run_AllServersFail_BudgetBoundsAttemptsAndAllIsWellSoonAfter()
    {
        StormFigures with = await RunAsync("budget on ", _ => { });
        StormFigures without = await RunAsync("budget off", balancer => balancer.UseRetries(retry => retry.Budget.Enabled = false));

        with.AttemptsPerRequest.ShouldBeLessThanOrEqualTo(1.25);
        with.SlowestFailures.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
        with.WereAllCircuitsOpen.ShouldBeTrue();
        with.FailedAfterwards.ShouldBe(0);
        without.AttemptsPerRequest.ShouldBeGreaterThan(2.5, "so it is the budget");
    }

    private async Task<StormFigures> RunAsync(string name, Action<BalancerBuilder> configure)
    {
        int status = StatusCodes.Status200OK;
        List<LoopbackServer> servers = [];
        for (int i = 0; i < Servers; i++)
        {
            servers.Add(await LoopbackServer.StartAsync(context =>
            {
                context.Response.StatusCode = Volatile.Read(ref status);
                return Task.CompletedTask;
            }));
        }

        await using ServiceProvider services = new ServiceCollection()
            .AddLoadBalancedHttpClient("orders", balancer =>
            {
                balancer.AddBackends([.. servers.Select(server => server.Address.OriginalString)]);
                configure(balancer);
            })
            .Services.BuildServiceProvider();
        Balancer balancer = services.GetRequiredKeyedService<Balancer>("orders");
        OpenTraffic traffic = new(services.GetRequiredService<IHttpClientFactory>().CreateClient("orders"), RatePerSecond);
        await traffic.RunAsync(WarmUp);

        int before = servers.Sum(server => server.RequestCount);
        Volatile.Write(ref status, StatusCodes.Status503ServiceUnavailable);
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<Answer> storm = await traffic.RunAsync(StormTime);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        int attempts = servers.Sum(server => server.RequestCount) - before;
        bool wereAllOpen = balancer.Backends.All(backend => backend.Circuit != CircuitState.Closed);

        Volatile.Write(ref status, StatusCodes.Status200OK);
        IReadOnlyList<Answer> recovery = await traffic.RunAsync(RecoveryTime);
        IReadOnlyList<Answer> afterwards = await traffic.RunAsync(Afterwards);
        foreach (LoopbackServer server in servers)
        {
            await server.DisposeAsync();
        }

        TimeSpan[] failures = [.. storm.Where(answer => !answer.IsSuccess).Select(answer => answer.Duration).Order()];
        StormFigures figures = new(
            (double)attempts / storm.Count, failures.Length == 0 ? TimeSpan.Zero : failures[(int)(failures.Length * 0.99)], wereAllOpen, afterwards.Count(answer => !answer.IsSuccess));
        output.WriteLine($"{name}: {storm.Count} requests, {storm.Count / seconds:0} a second, {failures.Length} failed; {figures.AttemptsPerRequest:0.000} attempts per request; "
            + $"p99 of the failures {figures.SlowestFailures.TotalMilliseconds:0} ms; failed in the first 2 s afterwards: {recovery.Count(answer => !answer.IsSuccess)} of {recovery.Count}, "
            + $"the last of them {recovery.Where(answer => !answer.IsSuccess).Select(answer => answer.Started).DefaultIfEmpty().Max().TotalMilliseconds:0} ms after the servers recovered; later: {figures.FailedAfterwards} of {afterwards.Count}.");
        return figures;
    }

    private sealed record StormFigures(double AttemptsPerRequest, TimeSpan SlowestFailures, bool WereAllCircuitsOpen, int FailedAfterwards);
}
