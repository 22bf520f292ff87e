using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LoadBalancing.Client.Http.Queueing;

/// <summary>What is measured about the line of one balancer.</summary>
internal sealed class QueueInstruments : IDisposable
{
    private readonly string _service;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refusals;
    private Func<int>? _length;

    public QueueInstruments(Balancer balancer, Func<int> length)
    {
        _service = balancer.Name;
        _length = length;
        Meter meter = balancer.Meter;
        meter.CreateObservableUpDownCounter(LoadBalancingTelemetry.QueueLength, () => _length is { } now ? [new Measurement<int>(now(), ServiceTags())] : Array.Empty<Measurement<int>>(), "{request}", "Requests that wait because every backend is at its cap.");
        _duration = meter.CreateHistogram<double>(LoadBalancingTelemetry.QueueDuration, "s", "How long requests waited for room.");
        _refusals = meter.CreateCounter<long>(LoadBalancingTelemetry.QueueRefusals, "{request}", "Requests that were refused because the queue was full.");
    }

    public void RecordWait(TimeSpan duration, string? errorType)
    {
        TagList tags = ServiceTags();
        if (errorType is not null)
        {
            tags.Add(LoadBalancingTelemetry.ErrorTypeTag, errorType);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }

    public void CountRefusal() => _refusals.Add(1, ServiceTags());

    /// <summary>A factory's meter outlives this: it lets go of the balancer.</summary>
    public void Dispose() => _length = null;

    private TagList ServiceTags() => new() { { LoadBalancingTelemetry.ServiceTag, _service } };
}
