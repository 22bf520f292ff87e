using System.Globalization;
using LoadBalancing.Client.Hashing;
using LoadBalancing.Client.Policies.Consistent;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>A policy that configuration can name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Read">Makes the policy from the section <c>PolicyOptions</c>: reads every key that there is; what is absent has the policy's own default. <see langword="null"/> when a problem was reported instead.</param>
internal sealed record PolicyRegistration(string Name, Func<SectionReader, LoadBalancingPolicy?> Read);

/// <summary>The policies that configuration can name: those of the library, and those that the container knows; a later one replaces an earlier one of the same name.</summary>
internal sealed class PolicyCatalog
{
    /// <summary>What a section names that names none.</summary>
    public const string DefaultName = "least_request";

    private static readonly PolicyRegistration[] BuiltIn =
    [
        new("pick_first", static _ => new PickFirstPolicy()),
        new("round_robin", static _ => new RoundRobinPolicy()),
        new("random", static _ => new RandomPolicy()),
        new("least_request", ReadLeastRequest),
        new("ring_hash", ReadRingHash),
        new("maglev", static options => ReadMaglev(options, "maglev")),
        new("rendezvous", static _ => new RendezvousPolicy()),
        new("ip_hash", static options => ReadMaglev(options, "ip_hash")),
        new("weighted_round_robin", static _ => new WeightedRoundRobinPolicy()),
        new("peak_ewma", ReadPeakEwma),
        new("weighted_response_time", ReadWeightedResponseTime),
        new("least_bandwidth", ReadLeastBandwidth),
    ];

    private readonly Dictionary<string, PolicyRegistration> _byName = new(StringComparer.OrdinalIgnoreCase);

    public PolicyCatalog(IEnumerable<PolicyRegistration> others)
    {
        foreach (PolicyRegistration policy in BuiltIn.Concat(others))
        {
            _byName[policy.Name] = policy;
        }
    }

    /// <summary>Every name, in alphabetical order.</summary>
    public IEnumerable<string> Names => _byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether the library has a policy of this name.</summary>
    public static bool IsBuiltIn(string name) => Array.Exists(BuiltIn, policy => string.Equals(policy.Name, name, StringComparison.OrdinalIgnoreCase));

    public PolicyRegistration? Find(string name) => _byName.GetValueOrDefault(name);

    private static LeastRequestPolicy ReadLeastRequest(SectionReader options)
    {
        LeastRequestPolicy defaults = new();
        return new LeastRequestPolicy
        {
            ChoiceCount = options.ReadInt32("ChoiceCount", min: 1) ?? defaults.ChoiceCount,
            FullScan = options.ReadBoolean("FullScan") ?? defaults.FullScan,
        };
    }

    private static RingHashPolicy ReadRingHash(SectionReader options)
    {
        RingHashPolicy defaults = new();
        int? givenMin = options.ReadInt32("MinRingSize", 1, RingHashPolicy.LargestRing);
        int min = givenMin ?? defaults.MinRingSize;
        int max = options.ReadInt32("MaxRingSize", 1, RingHashPolicy.LargestRing) ?? defaults.MaxRingSize;
        double? factor = ReadBoundedLoadFactor(options);

        // A bad value is reported already, and must not be compared as the default that stands in for it.
        bool isGuess = givenMin is null && options.IsSet("MinRingSize");
        if (min > max && !isGuess)
        {
            options.Report("MaxRingSize", string.Create(CultureInfo.InvariantCulture, $"must not be below MinRingSize, which is {min}"));
            return defaults;
        }

        return new RingHashPolicy { MinRingSize = min, MaxRingSize = max, BoundedLoadFactor = factor };
    }

    private static MaglevPolicy ReadMaglev(SectionReader options, string name)
    {
        // Read as text, because which numbers are allowed is no range.
        string? size = options.Read<string>("TableSize", MaglevPolicy.SizeRequirement, static (string text, out string? value) =>
            int.TryParse(value = text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && MaglevTable.IsValidSize(number));
        return new MaglevPolicy
        {
            NameInConfiguration = name,
            TableSize = size is null ? MaglevTable.DefaultSize : int.Parse(size, CultureInfo.InvariantCulture),
            BoundedLoadFactor = ReadBoundedLoadFactor(options),
        };
    }

    private static double? ReadBoundedLoadFactor(SectionReader options) =>
        options.ReadValue("BoundedLoadFactor", BoundedLoads.Requirement, static (string text, out double value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && BoundedLoads.IsValid(value));

    private static PeakEwmaPolicy ReadPeakEwma(SectionReader options)
    {
        PeakEwmaPolicy defaults = new();
        return new PeakEwmaPolicy
        {
            Decay = options.ReadTimeSpan("Decay", PeakEwmaPolicy.ShortestDecay, PeakEwmaPolicy.LongestDecay) ?? defaults.Decay,
            ChoiceCount = options.ReadInt32("ChoiceCount", min: 1) ?? defaults.ChoiceCount,
        };
    }

    private static WeightedResponseTimePolicy ReadWeightedResponseTime(SectionReader options)
    {
        WeightedResponseTimePolicy defaults = new();
        return new WeightedResponseTimePolicy
        {
            Window = options.ReadTimeSpan("Window", WeightedResponseTimePolicy.ShortestWindow, WeightedResponseTimePolicy.LongestWindow) ?? defaults.Window,
        };
    }

    private static LeastBandwidthPolicy ReadLeastBandwidth(SectionReader options)
    {
        LeastBandwidthPolicy defaults = new();
        return new LeastBandwidthPolicy
        {
            Window = options.ReadTimeSpan("Window", LeastBandwidthPolicy.ShortestWindow, LeastBandwidthPolicy.LongestWindow) ?? defaults.Window,
            ChoiceCount = options.ReadInt32("ChoiceCount", min: 1) ?? defaults.ChoiceCount,
        };
    }
}
