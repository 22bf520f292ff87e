using System.Diagnostics.Metrics;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>What the queue tells of itself.</summary>
public sealed class QueueTelemetryTests : IDisposable
{
    private readonly List<string> _measured = [];
    private readonly MeterListener _listener = new();
    private readonly OneMeter _meters = new();

    public QueueTelemetryTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meters.Meter) && instrument.Name.Contains(".queue.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Metrics_EveryWayOutOfTheQueue_IsMeasured()
    {
        using QueueFixture queue = new(builder => builder.UseMeterFactory(_meters).UseQueue(3, TimeSpan.FromSeconds(2)), QueueFixture.WithCap(1));
        using CancellationTokenSource cancellation = new();
        Task<HttpResponseMessage> running = queue.SendAsync("/0");
        Task<HttpResponseMessage> served = queue.SendAsync("/1");
        Task<HttpResponseMessage> canceled = queue.SendAsync("/2", cancellation.Token);
        Task<HttpResponseMessage> late = queue.SendAsync("/3");
        await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"));
        _listener.RecordObservableInstruments();

        queue.Clock.Advance(TimeSpan.FromSeconds(0.5));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        queue.Held.Release("/0");
        await Task.WhenAll(running, queue.Held.ShouldHaveComeAsync(2));
        queue.Clock.Advance(TimeSpan.FromSeconds(1.5));
        await Should.ThrowAsync<NoBackendAvailableException>(() => late);
        queue.Held.Release("/1");
        await served;
        _listener.RecordObservableInstruments();

        _measured.ShouldBe(
        [
            "loadbalancing.client.queue.refusals 1 server.address=orders",
            "loadbalancing.client.queue.length 3 server.address=orders",
            "loadbalancing.client.queue.duration 0.5 server.address=orders, error.type=canceled",
            "loadbalancing.client.queue.duration 0.5 server.address=orders",
            "loadbalancing.client.queue.duration 2 server.address=orders, error.type=timeout",
            "loadbalancing.client.queue.length 0 server.address=orders",
        ]);
    }

    [Fact]
    public void Metrics_BalancerIsDisposed_LengthIsNoLongerTold()
    {
        QueueFixture queue = new(builder => builder.UseMeterFactory(_meters), QueueFixture.WithCap(1));

        queue.Dispose();

        _listener.RecordObservableInstruments();
        _measured.ShouldBeEmpty();
    }

    [Fact]
    public async Task Log_ManyAreRefused_IsSaidOnceInTenSeconds()
    {
        RecordingLog log = new();
        using QueueFixture queue = new(builder => builder.UseLoggerFactory(log).UseAttemptTimeout(Timeout.InfiniteTimeSpan).UseQueue(1, TimeSpan.FromSeconds(2)), QueueFixture.WithCap(1));
        Task<HttpResponseMessage> running = queue.SendAsync("/0");
        Task<HttpResponseMessage> late = queue.SendAsync("/late");
        await RefuseAsync(3);
        queue.Clock.Advance(TimeSpan.FromSeconds(9));
        await Should.ThrowAsync<NoBackendAvailableException>(() => late);
        late = queue.SendAsync("/late again");
        await RefuseAsync(1);
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        await RefuseAsync(1);

        log.Of("QueueFull").ShouldBe(
        [
            "Service orders is saturated: backends are at their caps, 1 requests wait, and no more than 1 may (MaxQueue). Refused since this was said last: 1.",
            "Service orders is saturated: backends are at their caps, 1 requests wait, and no more than 1 may (MaxQueue). Refused since this was said last: 4.",
        ]);
        log.Of("QueueTimedOut").ShouldBe(["Service orders is saturated: backends are at their caps, and a request has found no room within 00:00:02 (QueueTimeout); 0 others wait. Given up since this was said last: 1."]);
        queue.Held.Release("/0");
        await queue.Held.ShouldHaveComeAsync(2);
        queue.Held.Release("/late%20again");
        await Task.WhenAll(running, late);

        async Task RefuseAsync(int times)
        {
            for (int i = 0; i < times; i++)
            {
                await Should.ThrowAsync<NoBackendAvailableException>(() => queue.SendAsync("/refused"));
            }
        }
    }

    private void Note<T>(string instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Add(FormattableString.Invariant($"{instrument} {value} {string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));

    private sealed class OneMeter : IMeterFactory
    {
        public Meter Meter { get; } = new(LoadBalancingTelemetry.MeterName);

        public Meter Create(MeterOptions options) => Meter;

        public void Dispose() => Meter.Dispose();
    }
}
