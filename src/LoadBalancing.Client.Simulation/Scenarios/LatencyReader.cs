using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads a distribution of latencies: its name, its mean, and what else it has.</summary>
internal static class LatencyReader
{
    public const string Requirement = "must be an object such as { \"distribution\": \"exponential\", \"meanMs\": 50 }";

    private const string LogNormal = "lognormal";
    private const double LongestMs = 1e9;
    private const double HighestSigma = 10;

    private static readonly Dictionary<string, Func<ScenarioNode, double, LatencyDistribution>> Kinds = new(StringComparer.Ordinal)
    {
        ["constant"] = static (node, mean) => WithoutSpread(node, new ConstantLatency(mean)),
        ["uniform"] = static (node, mean) => new UniformLatency(mean, node.FindNumber("spreadMs", 0, mean) ?? 0),
        ["normal"] = static (node, mean) => new NormalLatency(mean, node.FindNumber("spreadMs", 0, LongestMs) ?? 0),
        ["exponential"] = static (node, mean) => WithoutSpread(node, new ExponentialLatency(mean)),
        [LogNormal] = static (node, mean) => new LogNormalLatency(mean, node.FindNumber("sigma", 0, HighestSigma) ?? throw node.Problem("sigma", "must be a number from 0 to 10")),
    };

    public static LatencyDistribution Read(ScenarioNode node)
    {
        node.AllowOnly("distribution", "meanMs", "spreadMs", "sigma");
        Func<ScenarioNode, double, LatencyDistribution> create = node.FindWord("distribution", Kinds) ?? throw node.Problem("distribution", $"must be one of {string.Join(", ", Kinds.Keys)}");
        node.AllowOnly("distribution", "meanMs", node.FindText("distribution") == LogNormal ? "sigma" : "spreadMs");
        double mean = node.FindNumber("meanMs", 0, LongestMs) ?? throw node.Problem("meanMs", "must be a number from 0 to 1000000000");
        return create(node, mean);
    }

    /// <summary>Whoever exchanges one distribution for another may leave the spread there, if there is none.</summary>
    private static LatencyDistribution WithoutSpread(ScenarioNode node, LatencyDistribution distribution)
    {
        _ = node.FindNumber("spreadMs", "must be 0 or not there: only uniform and normal have a spread", spread => spread == 0);
        return distribution;
    }
}
