using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing;

/// <summary>Puts together an explanation from a snapshot. Reads only.</summary>
internal static class Explainer
{
    /// <summary>How many backends an exception tells of: a refusal must not cost more than a request.</summary>
    public const int BackendsInException = 10;

    public static PickExplanation Explain(string service, TimeProvider timeProvider, LoadBalancingPolicy policy, Snapshot snapshot, string? waitingFor, in PickRequest request, int limit = int.MaxValue)
    {
        int count = Math.Min(limit, snapshot.Backends.Count);
        HashSet<BackendState>? pickable = count > BackendsInException ? [.. snapshot.Backends.Eligible] : null;
        List<BackendExplanation> backends = new(count);
        for (int i = 0; i < count; i++)
        {
            BackendState backend = snapshot.Backends[i];
            bool isPickable = pickable?.Contains(backend) ?? snapshot.Backends.Eligible.Contains(backend);
            List<string> obstacles = ObstaclesOf(snapshot, backend, timeProvider, isPickable, request, out bool isFull);
            backends.Add(new BackendExplanation(
                backend,
                isPickable && !isFull,
                obstacles,
                backend.InFlight,
                backend.Description.Weight,
                isPickable ? DetailOf(snapshot, backend, request) : null));
        }

        return new PickExplanation(service, policy.Name, policy.Description, request.Hash, waitingFor, backends, snapshot.Backends.Count);
    }

    private static string? DetailOf(Snapshot snapshot, BackendState backend, in PickRequest request)
    {
        string? detail = snapshot.Picker.Describe(request, backend);
        if (backend.Circuit != CircuitState.HalfOpen)
        {
            return detail;
        }

        string circuit = string.Create(CultureInfo.InvariantCulture, $"circuit half_open, {backend.Permits?.FreeCount ?? 0} permits free");
        return detail is null ? circuit : $"{detail}, {circuit}";
    }

    private static List<string> ObstaclesOf(Snapshot snapshot, BackendState backend, TimeProvider timeProvider, bool isPickable, in PickRequest request, out bool isFull)
    {
        Unavailability unavailability = backend.Unavailability;
        List<string> obstacles = [.. ObstacleText.Describe(backend, timeProvider)];
        AddIf(backend.Description.Weight <= 0, "weight 0");
        AddIf(isPickable && unavailability != Unavailability.None && backend.StandingReasons.HasFlag(PickReasons.FailOpen), "used all the same, because too few are left (fail open)");

        int priority = backend.Description.Priority;
        AddIf(isPickable && snapshot.LoadByPriority.TryGetValue(priority, out int load) && load == 0, string.Create(CultureInfo.InvariantCulture, $"priority {priority} takes 0 % now"));
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
