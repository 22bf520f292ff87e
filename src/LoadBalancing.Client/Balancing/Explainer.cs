using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.SlowStarting;
using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing;

/// <summary>Puts together an explanation from a snapshot. Reads only.</summary>
internal static class Explainer
{
    /// <summary>How many backends an exception tells of: a refusal must not cost more than a request.</summary>
    public const int BackendsInException = 10;

    public static PickExplanation Explain(string service, TimeProvider timeProvider, LoadBalancingPolicy policy, Snapshot snapshot, IReadOnlyList<Backend> outside, string? waitingFor, in PickRequest request, int limit = int.MaxValue)
    {
        int count = Math.Min(limit, snapshot.Backends.Count);
        BackendSet set = snapshot.Backends;
        Dictionary<BackendState, int>? pickable = count > BackendsInException ? IndexEligible(set) : null;
        List<BackendExplanation> backends = new(count);
        for (int i = 0; i < count; i++)
        {
            BackendState backend = snapshot.Backends[i];
            int index = pickable?.GetValueOrDefault(backend, -1) ?? set.Eligible.IndexOf(backend);
            bool isPickable = index >= 0;
            double weight = isPickable ? set.EligibleWeights[index] : backend.Description.Weight;
            List<string> obstacles = ObstaclesOf(snapshot, backend, timeProvider, isPickable, request, out bool isFull);
            backends.Add(new BackendExplanation(
                backend,
                isPickable && !isFull,
                obstacles,
                backend.InFlight,
                weight,
                isPickable ? DetailOf(snapshot, backend, weight, timeProvider, request) : null));
        }

        // After those that can be picked: an exception tells only of the first.
        backends.AddRange(outside.Take(limit - count).Select(Describe));
        return new PickExplanation(service, policy.Name, policy.Description, request.Hash, waitingFor, backends, snapshot.Backends.Count + outside.Count);
    }

    /// <summary>Nothing is known about it, so its state is one that nobody has ever touched.</summary>
    private static BackendExplanation Describe(Backend outside) => new(new BackendState(outside), IsCandidate: false, ["not in this client's subset"], InFlight: 0, outside.Weight, Detail: null);

    private static Dictionary<BackendState, int> IndexEligible(BackendSet backends)
    {
        Dictionary<BackendState, int> indexes = new(backends.Eligible.Length);
        for (int i = 0; i < backends.Eligible.Length; i++)
        {
            indexes[backends.Eligible[i]] = i;
        }

        return indexes;
    }

    private static string? DetailOf(Snapshot snapshot, BackendState backend, double weight, TimeProvider timeProvider, in PickRequest request)
    {
        List<string> details = [.. PlaceText.Describe(snapshot, backend)];
        if (weight < backend.Description.Weight)
        {
            TimeSpan left = SlowStart.TimeLeft(backend, timeProvider);
            details.Add(string.Create(CultureInfo.InvariantCulture, $"in its slow start ({weight / backend.Description.Weight:0.# %} of its weight {backend.Description.Weight:0.###}, all of it in {Math.Ceiling(left.TotalSeconds)} s)"));
        }

        if (snapshot.Picker.Describe(request, backend) is { } policy)
        {
            details.Add(policy);
        }

        if (backend.Circuit == CircuitState.HalfOpen)
        {
            details.Add(string.Create(CultureInfo.InvariantCulture, $"circuit half_open, {backend.Permits?.FreeCount ?? 0} permits free"));
        }

        return details.Count == 0 ? null : string.Join(", ", details);
    }

    private static List<string> ObstaclesOf(Snapshot snapshot, BackendState backend, TimeProvider timeProvider, bool isPickable, in PickRequest request, out bool isFull)
    {
        Unavailability unavailability = backend.Unavailability;
        List<string> obstacles = [.. ObstacleText.Describe(backend, timeProvider)];
        AddIf(backend.Description.Weight <= 0, "weight 0");
        AddIf(isPickable && unavailability != Unavailability.None && backend.StandingReasons.HasFlag(PickReasons.FailOpen), "used all the same, because too few are left (fail open)");

        TierView? tier = PlaceText.TierOf(snapshot, backend);
        AddIf(isPickable && tier is { Load: 0 }, string.Create(CultureInfo.InvariantCulture, $"priority {backend.Description.Priority} takes 0 % now"));
        ZoneShare? zone = PlaceText.ZoneOf(tier, backend);
        AddIf(isPickable && zone is { Share: 0 }, $"zone {PlaceText.NameOf(zone)} takes 0 % now");
        isFull = backend.Description.MaxConcurrency is { } cap && backend.InFlight >= cap;
        AddIf(isFull, string.Create(CultureInfo.InvariantCulture, $"at its cap of {backend.Description.MaxConcurrency} in flight"));
        AddIf(request.ExcludedInPlace.Contains(backend), "already tried");
        return obstacles;

        void AddIf(bool condition, string obstacle)
        {
            if (condition)
            {
                obstacles.Add(obstacle);
            }
        }
    }
}
