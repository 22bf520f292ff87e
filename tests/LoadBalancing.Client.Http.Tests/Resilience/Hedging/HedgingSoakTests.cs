using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>The figures of <see cref="HedgingFigureTests"/> once more, between real clients and servers, on the machine's own clock.</summary>
[Trait("Category", "Soak")]
public sealed class HedgingSoakTests(ITestOutputHelper output)
{
    private const int Backends = 10;
    private const double RatePerSecond = 200;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("round_robin")]
    [InlineData("least_request")]
    public async Task SendAsync_OneBackendPauses_TailIsCutForFewMoreAttempts(string policy)
    {
        (double p99Without, double attemptsWithout) = await MeasureAsync(policy, isHedged: false);
        (double p99With, double attemptsWith) = await MeasureAsync(policy, isHedged: true);

        // A few are under way when the count begins.
        attemptsWithout.ShouldBe(1, 0.005);
        attemptsWith.ShouldBeLessThanOrEqualTo(1.07);
        if (policy == "round_robin")
        {
            (p99Without / p99With).ShouldBeGreaterThanOrEqualTo(4);
        }
        else
        {
            // It sees for itself which backend is slow, so there is less to cut.
            p99With.ShouldBeLessThan(p99Without * 1.1);
        }
    }

    private async Task<(double P99, double AttemptsPerRequest)> MeasureAsync(string policy, bool isHedged)
    {
        Random latencies = new(1);
        LoopbackServer[] servers = await Task.WhenAll(Enumerable.Range(0, Backends).Select(i => LoopbackServer.StartAsync(async context =>
        {
            double milliseconds;
            lock (latencies)
            {
                milliseconds = (-20 * Math.Log(1 - latencies.NextDouble())) + (i == 0 && latencies.NextDouble() < 0.3 ? 1_000 : 0);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), context.RequestAborted);
            await context.Response.WriteAsync("hello", context.RequestAborted);
        })));
        await using ServiceProvider services = new ServiceCollection()
            .AddLoadBalancedHttpClient("orders", balancer =>
            {
                balancer.AddBackends([.. servers.Select(server => server.Address.OriginalString)]).UsePolicy(policy == "round_robin" ? new RoundRobinPolicy() : new LeastRequestPolicy());
                if (isHedged)
                {
                    balancer.UseHedging();
                }
            })
            .Services.BuildServiceProvider();
        HttpClient client = services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        ConcurrentBag<double> milliseconds = [];
        int sentBefore = 0;
        int attemptsBefore = 0;
        Random arrivals = new(2);
        List<Task> sending = [];
        long started = Stopwatch.GetTimestamp();
        for (TimeSpan due = TimeSpan.Zero; due < WarmUp + Duration; due += TimeSpan.FromSeconds(-Math.Log(1 - arrivals.NextDouble()) / RatePerSecond))
        {
            if (due >= WarmUp && sentBefore == 0)
            {
                (sentBefore, attemptsBefore) = (sending.Count, servers.Sum(server => server.RequestCount));
            }

            TimeSpan early = due - Stopwatch.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            sending.Add(SendAsync(isCounted: due >= WarmUp));
        }

        await Task.WhenAll(sending);
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
        double[] sorted = [.. milliseconds.Order()];
        double attempts = (servers.Sum(server => server.RequestCount) - attemptsBefore) / (double)(sending.Count - sentBefore);
        double p99 = sorted[sorted.Length * 99 / 100];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{policy}{(isHedged ? ", hedged" : "")}: p50 {sorted[sorted.Length / 2]:0.0} ms, p95 {sorted[sorted.Length * 95 / 100]:0.0} ms, p99 {p99:0.0} ms, {attempts:0.000} attempts per request, {sorted.Length} requests"));
        return (p99, attempts);

        async Task SendAsync(bool isCounted)
        {
            long sent = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync("/");
            if (isCounted)
            {
                milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        }
    }
}
