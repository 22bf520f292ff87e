using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Health.Outliers;

/// <summary>The listed backends of one priority, and how many of them are ejected. Guarded by the detector's lock.</summary>
internal sealed class EjectionTier
{
    private readonly List<BackendState> _backends = [];

    public int Ejected { get; set; }

    public void Add(BackendState backend) => _backends.Add(backend);

    /// <summary>Whether one more may be ejected. An ejected backend that is also drained or isolated still counts as ejected: it may be back before its time is over.</summary>
    public bool HasRoom(int percent)
    {
        // Without those that are out on purpose there are fewer, so the sum that needs no look at each comes first: in a pool that fails as a whole it is asked often.
        return Ejected < MostOf(_backends.Count, percent) && Ejected < MostOf(_backends.Count(backend => !IsOutOnPurpose(backend)), percent);
    }

    public static bool IsOutOnPurpose(BackendState backend) =>
        (backend.Unavailability & (Unavailability.Draining | Unavailability.Isolated)) != 0 || backend.Description.Weight <= 0;

    private static int MostOf(int count, int percent) => Math.Max(1, (int)((long)count * percent / 100));
}
