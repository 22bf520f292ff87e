namespace LoadBalancing.Client.Tests.Policies;

/// <summary>Every policy that the conformance suite runs over. A new policy adds itself here, in one line per way to configure it.</summary>
public static class PolicyCases
{
    private static readonly Dictionary<string, Func<LoadBalancingPolicy>> ByName = new(StringComparer.Ordinal)
    {
        ["pick_first"] = () => new PickFirstPolicy(),
        ["round_robin"] = () => new RoundRobinPolicy(),
        ["random"] = () => new RandomPolicy(),
        ["least_request, 1 choice"] = () => new LeastRequestPolicy { ChoiceCount = 1 },
        ["least_request"] = () => new LeastRequestPolicy(),
        ["least_request, 3 choices"] = () => new LeastRequestPolicy { ChoiceCount = 3 },
        ["least_request, 5 choices"] = () => new LeastRequestPolicy { ChoiceCount = 5 },
        ["least_request, 100 choices"] = () => new LeastRequestPolicy { ChoiceCount = 100 },
        ["least_request, as many choices as there are"] = () => new LeastRequestPolicy { ChoiceCount = int.MaxValue },
        ["weighted_round_robin"] = () => new WeightedRoundRobinPolicy(),
        ["peak_ewma"] = () => new PeakEwmaPolicy(),
        ["peak_ewma, 3 choices"] = () => new PeakEwmaPolicy { ChoiceCount = 3 },
        ["peak_ewma, all"] = () => new PeakEwmaPolicy { ChoiceCount = int.MaxValue },
        ["weighted_response_time"] = () => new WeightedResponseTimePolicy(),
        ["least_bandwidth"] = () => new LeastBandwidthPolicy(),
        ["least_bandwidth, 3 choices"] = () => new LeastBandwidthPolicy { ChoiceCount = 3 },
        ["least_request, full scan"] = () => new LeastRequestPolicy { FullScan = true },
        ["ring_hash"] = () => new RingHashPolicy { MaxRingSize = 100_000 },
        ["ring_hash, bounded loads"] = () => new RingHashPolicy { MaxRingSize = 100_000, BoundedLoadFactor = 1.25 },
        ["maglev"] = () => new MaglevPolicy(),
        ["maglev, fewer slots than backends"] = () => new MaglevPolicy { TableSize = 7 },
        ["maglev, bounded loads"] = () => new MaglevPolicy { BoundedLoadFactor = 1.25 },
        ["rendezvous"] = () => new RendezvousPolicy(),
    };

    public static TheoryData<string> Names => [.. ByName.Keys];

    public static LoadBalancingPolicy Create(string name) => ByName[name]();

    /// <summary>Every policy with every one of these.</summary>
    public static TheoryData<string, T> With<T>(IEnumerable<T> others)
    {
        TheoryData<string, T> rows = [];
        foreach ((string policy, T other) in ByName.Keys.SelectMany(_ => others, (policy, other) => (policy, other)))
        {
            rows.Add(policy, other);
        }

        return rows;
    }
}
