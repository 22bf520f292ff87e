using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>What an event sets; the rest stays as it is.</summary>
internal sealed record SettingsChange
{
    public LatencyDistribution? Latency { get; init; }

    public double? ErrorRate { get; init; }

    public double? ErrorLatency { get; init; }

    public bool? IsDown { get; init; }

    public bool? Hangs { get; init; }

    public int? Concurrency { get; init; }

    public bool? IgnoresCancellation { get; init; }

    public double? Weight { get; init; }

    public bool? IsRemoved { get; init; }

    public BackendSettings ApplyTo(BackendSettings settings) => settings with
    {
        Latency = Latency ?? settings.Latency,
        ErrorRate = ErrorRate ?? settings.ErrorRate,
        ErrorLatency = ErrorLatency ?? settings.ErrorLatency,
        IsDown = IsDown ?? settings.IsDown,
        Hangs = Hangs ?? settings.Hangs,
        Concurrency = Concurrency ?? settings.Concurrency,
        IgnoresCancellation = IgnoresCancellation ?? settings.IgnoresCancellation,
        Weight = Weight ?? settings.Weight,
        IsRemoved = IsRemoved ?? settings.IsRemoved,
    };
}
