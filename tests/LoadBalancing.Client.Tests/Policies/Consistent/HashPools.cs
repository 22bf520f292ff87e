using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Consistent;

/// <summary>The hash policies, keys to ask for, and snapshots in which some backends are ineligible.</summary>
public static class HashPools
{
    private static readonly Dictionary<string, Func<LoadBalancingPolicy>> ByName = new(StringComparer.Ordinal)
    {
        ["ring_hash"] = () => new RingHashPolicy(),
        ["maglev"] = () => new MaglevPolicy(),
        ["rendezvous"] = () => new RendezvousPolicy(),
    };

    public static TheoryData<string> Names => [.. ByName.Keys];

    public static LoadBalancingPolicy Create(string policy) => ByName[policy]();

    /// <summary>The hash of the key with this number.</summary>
    public static ulong HashOf(int key) => XxHash64.Remix((ulong)key);

    /// <summary>Who serves each of the first keys.</summary>
    internal static BackendState[] OwnersOf(Picker picker, int keys) =>
        [.. Enumerable.Range(0, keys).Select(key => picker.Pick(new PickRequest { Hash = HashOf(key) }).ShouldNotBeNull())];

    internal static BackendState[] States(IEnumerable<Backend> backends) => [.. backends.Select(backend => new BackendState(backend))];

    internal static BackendSet SetOf(BackendState[] all, params IEnumerable<BackendState> ineligible)
    {
        BackendState[] eligible = [.. all.Except(ineligible)];
        return new BackendSet(all, eligible, Array.ConvertAll(eligible, backend => backend.Description.Weight));
    }

    internal static PickerFactory CreateFactory(string policy) => Create(policy).CreateFactory(new Random(7));
}
