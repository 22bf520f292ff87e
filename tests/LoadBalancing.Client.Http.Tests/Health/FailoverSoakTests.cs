using System.Diagnostics;
using System.Net;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>Everything turned on, at the defaults, on the machine's own clock: what docs/health.md promises, in minutes.</summary>
[Trait("Category", "Soak")]
public sealed class FailoverSoakTests
{
    // A busy machine is late.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(18.5) + Slack;
    private static readonly TimeSpan UpAfter = TimeSpan.FromSeconds(33 + 11) + Slack;

    [Fact]
    public async Task Defaults_ServersStoppedAndKilled_AreNoticedInTimeAndReturn()
    {
        await using Servers servers = await Servers.StartAsync(3);
        await using ServerProcess stopped = await ServerProcess.StartAsync();
        ServerProcess killed = await ServerProcess.StartAsync();
        await using ServiceProvider services = new ServiceCollection()
            .AddLoadBalancedHttpClient("orders", balancer => balancer
                .AddBackends([.. servers.Addresses.Append(stopped.Address).Append(killed.Address).Select(address => address.OriginalString)])
                .UseActiveHealthChecks().UseOutlierDetection().UseSlowStart())
            .Services.BuildServiceProvider();
        HttpClient client = services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        client.Timeout = TimeSpan.FromMilliseconds(500);
        Balancer balancer = services.GetRequiredKeyedService<Balancer>("orders");
        using CancellationTokenSource stopping = new();
        int failed = 0;
        Task load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(LoadAsync)));

        // Callers give up after 500 ms, so only probes can tell.
        await Task.Delay(TimeSpan.FromSeconds(5));
        await stopped.StopAsync();
        await ShouldBecomeAsync(stopped.Address, eligible: false, DownAfter);
        await stopped.ContinueAsync();
        await ShouldBecomeAsync(stopped.Address, eligible: true, UpAfter);

        await using (killed)
        {
            await killed.KillAsync();
        }

        await ShouldBecomeAsync(killed.Address, eligible: false, Slack);
        await Task.Delay(TimeSpan.FromSeconds(30));
        int failedBefore = failed;
        await using ServerProcess successor = await ServerProcess.StartAsync(killed.Address.Port);
        await ShouldBecomeAsync(killed.Address, eligible: true, TimeSpan.FromSeconds(60) + UpAfter);
        await Task.Delay(TimeSpan.FromSeconds(60));

        await stopping.CancelAsync();
        await load;
        balancer.Backends.ShouldAllBe(backend => backend.Unavailability == Unavailability.None && backend.Circuit == CircuitState.Closed);

        // A busy machine lets one or the other wait for 500 ms.
        (failed - failedBefore).ShouldBeLessThan(20);

        async Task LoadAsync()
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    using HttpResponseMessage response = await client.GetAsync("/");
                    response.StatusCode.ShouldBe(HttpStatusCode.OK);
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(20);
            }
        }

        async Task ShouldBecomeAsync(Uri address, bool eligible, TimeSpan within)
        {
            BackendState backend = balancer.Backends.Find($"{address.Host}:{address.Port}")!;
            long started = Stopwatch.GetTimestamp();
            while (backend.Unavailability == Unavailability.None != eligible)
            {
                Stopwatch.GetElapsedTime(started).ShouldBeLessThan(within, $"{address} is {backend.Unavailability}, circuit {backend.Circuit}");
                await Task.Delay(20);
            }
        }
    }
}
