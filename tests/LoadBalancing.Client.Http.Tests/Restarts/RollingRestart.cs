using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>Six servers, each ended and started again in turn, under load, with nothing configured but their addresses.</summary>
internal static class RollingRestart
{
    private const int Servers = 6;
    private const double RatePerSecond = 250;

    /// <summary>No faster than this, on whatever machine: each restart costs the failures that open a circuit, and more than some seven a second would cost more retries than the budget has.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs for so long, but until every server was restarted once.</summary>
    /// <returns>What was lost, how often each request has arrived at servers, and where these are.</returns>
    public static async Task<RestartReport> RunAsync(TimeSpan duration, bool isGraceful, ITestOutputHelper output)
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Servers);
        await using ServiceProvider services = new ServiceCollection()
            .AddLoadBalancedHttpClient("orders", balancer => balancer.AddBackends([.. fleet.Addresses.Select(address => address.OriginalString)]))
            .Services
            .AddLoadBalancedHttpClient("orders2", balancer => balancer.AddBackends([.. fleet.Http2Addresses.Select(address => address.OriginalString)]))
            .Services.BuildServiceProvider();
        IHttpClientFactory clients = services.GetRequiredService<IHttpClientFactory>();

        // Of a POST without a key, nobody can tell whether it was served when its server is killed; when it is shut down, it may not have been sent.
        RestartLoad load = new(clients.CreateClient("orders"), clients.CreateClient("orders2"), hasPlainPosts: !isGraceful);
        using CancellationTokenSource stopping = new();
        Task<double> running = Task.Run(() => load.RunAsync(RatePerSecond, stopping.Token));

        int restarts = 0;
        long started = Stopwatch.GetTimestamp();
        while (restarts < Servers || Stopwatch.GetElapsedTime(started) < duration)
        {
            await Task.WhenAll(fleet.RestartAsync(restarts++ % Servers, isGraceful), Task.Delay(Pace));
        }

        await stopping.CancelAsync();
        double rate = await running;
        RestartReport report = new(load.Sent, load.Lost, fleet.ReadArrivals(), [.. fleet.Addresses, .. fleet.Http2Addresses]);
        output.WriteLine($"{restarts} restarts; {load.Sent} requests, {rate:0} a second; {report.Lost.Count} lost; {report.ArrivedMoreThanOnce(_ => true).Count()} arrived more than once.");
        return report;
    }
}
