using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Telemetry;

public sealed class RetryMetricsTests
{
    [Fact]
    public async Task SendAsync_RetriesAndAnEmptyBudget_AreCountedAndSaidNowAndThen()
    {
        FakeTimeProvider clock = new();
        RecordingLog log = new();
        using MeterFactory meters = new();
        ConcurrentQueue<string> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name.Contains("retries", StringComparison.Ordinal) || instrument.Name.Contains("budget", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Meter.Scope == meters)
            {
                counted.Enqueue($"{instrument.Name} {value} {string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
            }
        });
        listener.Start();
        await using RetryPool pool = await RetryPool.StartAsync([503, 429], builder => builder
            .UseMeterFactory(meters)
            .UseLoggerFactory(log)
            .UseTimeProvider(clock)
            .UseRetries(retry => (retry.MaxAttempts, retry.Budget.MinRetries, retry.Budget.Ratio) = (10, 2, 0)));

        for (int i = 0; i < 4; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(i == 3 ? 10 : 0));
            using HttpResponseMessage response = await pool.Client.GetAsync("/");
        }

        counted.Take(3).ShouldBe(
        [
            "loadbalancing.client.retries 1 server.address=orders error.type=503",
            "loadbalancing.client.retries 1 server.address=orders error.type=429",
            "loadbalancing.client.budget.exhausted 1 server.address=orders",
        ]);
        counted.Count(text => text.Contains("exhausted", StringComparison.Ordinal)).ShouldBe(4);
        log.Entries.Where(entry => entry.Event == "BudgetExhausted").Select(entry => entry.Message.Split("; ")[1].Split(' ')[0]).ShouldBe(["1", "3"]);
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            Meter meter = new(options.Name, options.Version, options.Tags, scope: this);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
