using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing;

/// <summary>Puts together an explanation from a snapshot. Reads only.</summary>
internal static class Explainer
{
    public static PickExplanation Explain(string service, LoadBalancingPolicy policy, Snapshot snapshot, string? waitingFor, in PickRequest request)
    {
        HashSet<BackendState> pickable = [.. snapshot.Backends.Eligible];
        List<BackendExplanation> backends = new(snapshot.Backends.Count);
        foreach (BackendState backend in snapshot.Backends)
        {
            List<string> obstacles = ObstaclesOf(snapshot, backend, request, out bool isFull);
            backends.Add(new BackendExplanation(
                backend,
                pickable.Contains(backend) && !isFull,
                obstacles,
                backend.InFlight,
                backend.Description.Weight,
                pickable.Contains(backend) ? snapshot.Picker.Describe(request, backend) : null));
        }

        return new PickExplanation(service, policy.Name, policy.Description, request.Hash, waitingFor, backends);
    }

    private static List<string> ObstaclesOf(Snapshot snapshot, BackendState backend, in PickRequest request, out bool isFull)
    {
        List<string> obstacles = [.. AvailabilityText.ReasonsOf(backend.Unavailability)];
        AddIf(backend.Description.Weight <= 0, "weight 0");
        AddIf(backend.StandingReasons.HasFlag(PickReasons.FailOpen), "used all the same, because too few are left (fail open)");

        int priority = backend.Description.Priority;
        AddIf(snapshot.LoadByPriority.TryGetValue(priority, out int load) && load == 0, string.Create(CultureInfo.InvariantCulture, $"priority {priority} takes 0 % now"));
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
