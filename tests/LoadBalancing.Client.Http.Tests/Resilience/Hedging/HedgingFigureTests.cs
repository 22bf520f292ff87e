using System.Globalization;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

/// <summary>
/// What hedging is for: ten backends that answer in 20 ms on the average (exponential), one of which pauses for a second on 30 % of its requests. Open loop, on virtual time, so the figures are the same on every machine.
/// </summary>
public sealed class HedgingFigureTests(ITestOutputHelper output)
{
    private const int Requests = 10_000;
    private const int WarmUp = 1_000;

    [Theory]
    [InlineData("round_robin", 200)]
    [InlineData("random", 200)]
    [InlineData("least_request", 20)]
    public async Task SendAsync_OneBackendPauses_TailIsCutForFewMoreAttempts(string policy, double ratePerSecond)
    {
        // Where there is no synchronization context, what waits for the clock goes on inside Advance, so all is one sequence.
        Figures without = await Task.Run(() => MeasureAsync(policy, ratePerSecond, isHedged: false));
        Figures with = await Task.Run(() => MeasureAsync(policy, ratePerSecond, isHedged: true));

        output.WriteLine($"{policy} at {ratePerSecond}/s without: {without}");
        output.WriteLine($"{policy} at {ratePerSecond}/s with:    {with}");
        (without.P99 / with.P99).ShouldBeGreaterThanOrEqualTo(4);
        with.AttemptsPerRequest.ShouldBeInRange(1.02, 1.07);
        without.AttemptsPerRequest.ShouldBe(1);
    }

    private static async Task<Figures> MeasureAsync(string policy, double ratePerSecond, bool isHedged)
    {
        FakeTimeProvider clock = new();
        Random latencies = new(1);
        Random arrivals = new(2);
        using VirtualBackends backends = new(clock, request =>
        {
            double milliseconds = -20 * Math.Log(1 - latencies.NextDouble());
            return (TimeSpan.FromMilliseconds(request.RequestUri!.Host == "a" && latencies.NextDouble() < 0.3 ? milliseconds + 1_000 : milliseconds), 200);
        });
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends(VirtualBackends.Addresses(10)).UseTimeProvider(clock).UseRandom(new Random(3))
            .UsePolicy(policy switch { "round_robin" => new RoundRobinPolicy(), "random" => new RandomPolicy(), _ => new LeastRequestPolicy() });
        using Balancer balancer = (isHedged ? builder.UseHedging(hedging => hedging.Percentile = 0.95) : builder).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, backends));
        List<Task<double>> sending = [];
        int attemptsBefore = 0;

        for (int i = 0; i < WarmUp + Requests; i++)
        {
            if (i == WarmUp)
            {
                attemptsBefore = backends.Asked.Count;
            }

            clock.Advance(TimeSpan.FromSeconds(-Math.Log(1 - arrivals.NextDouble()) / ratePerSecond));
            sending.Add(SendAsync());
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        double[] milliseconds = (await Task.WhenAll(sending))[WarmUp..];
        Array.Sort(milliseconds);
        string.Join(" ", balancer.Backends.Select(backend => backend.InFlight)).ShouldBe("0 0 0 0 0 0 0 0 0 0");
        (backends.Running, backends.OpenBodies).ShouldBe((0, 0));
        return new Figures(milliseconds[Requests / 2], milliseconds[Requests * 95 / 100], milliseconds[Requests * 99 / 100], (backends.Asked.Count - attemptsBefore) / (double)Requests);

        async Task<double> SendAsync()
        {
            long started = clock.GetTimestamp();
            using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
            using HttpResponseMessage response = await invoker.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
            return clock.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    private sealed record Figures(double P50, double P95, double P99, double AttemptsPerRequest)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"p50 {P50:0.0} ms, p95 {P95:0.0} ms, p99 {P99:0.0} ms, {AttemptsPerRequest:0.000} attempts per request");
    }
}
