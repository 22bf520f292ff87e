namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads what a group of backends is from the start, and an event sets for a while: the same keys.</summary>
internal static class SettingsReader
{
    private const double LongestMs = 1e9;
    private const double MsPerSecond = 1000;
    private const double HighestWeight = 1e9;
    private const int HighestConcurrency = 1_000_000;

    public static IReadOnlyList<string> Keys { get; } = ["latency", "errorRate", "errorLatencyMs", "down", "hang", "concurrency", "ignoresCancellation", "weight", "removed"];

    public static SettingsChange Read(ScenarioNode node) => new()
    {
        Latency = node.FindObject("latency", LatencyReader.Requirement) is { } latency ? LatencyReader.Read(latency) : null,
        ErrorRate = node.FindNumber("errorRate", 0, 1),
        ErrorLatency = node.FindNumber("errorLatencyMs", 0, LongestMs) / MsPerSecond,
        IsDown = node.FindBoolean("down"),
        Hangs = node.FindBoolean("hang"),
        Concurrency = (int?)node.FindInteger("concurrency", 0, HighestConcurrency),
        IgnoresCancellation = node.FindBoolean("ignoresCancellation"),
        Weight = node.FindNumber("weight", 0, HighestWeight),
        IsRemoved = node.FindBoolean("removed"),
    };
}
