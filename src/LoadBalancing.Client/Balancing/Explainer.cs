using System.Globalization;

namespace LoadBalancing.Client.Balancing;

/// <summary>Puts together an explanation from a snapshot. Reads only.</summary>
internal static class Explainer
{
    public static PickExplanation Explain(string service, LoadBalancingPolicy policy, Snapshot snapshot, in PickRequest request)
    {
        HashSet<BackendState> pickable = [.. snapshot.Backends.Eligible];
        List<BackendExplanation> backends = new(snapshot.Backends.Count);
        foreach (BackendState backend in snapshot.Backends)
        {
            bool isPickable = pickable.Contains(backend);
            List<string> obstacles = ObstaclesOf(backend, isPickable, request, out bool isFull);
            backends.Add(new BackendExplanation(
                backend,
                isPickable && !isFull,
                obstacles,
                backend.InFlight,
                backend.Description.Weight,
                isPickable ? snapshot.Picker.Describe(request, backend) : null));
        }

        return new PickExplanation(service, policy.Name, policy.Description, request.Hash, backends);
    }

    private static List<string> ObstaclesOf(BackendState backend, bool isPickable, in PickRequest request, out bool isFull)
    {
        List<string> obstacles = [];
        Unavailability unavailability = backend.Unavailability;
        AddIf(unavailability.HasFlag(Unavailability.Isolated), "isolated by hand");
        AddIf(unavailability.HasFlag(Unavailability.Draining), "draining");
        AddIf(unavailability.HasFlag(Unavailability.CircuitOpen), "circuit open");
        AddIf(unavailability.HasFlag(Unavailability.Ejected), "ejected as an outlier");
        AddIf(unavailability.HasFlag(Unavailability.ProbeFailed), "health check failed");
        AddIf(backend.Description.Weight <= 0, "weight 0");
        AddIf(isPickable && unavailability != Unavailability.None && backend.StandingReasons.HasFlag(PickReasons.FailOpen), "used all the same, because too few are left (fail open)");

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
