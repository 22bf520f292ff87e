using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// What happens when the policy's choice cannot be used: it refused (a cap, a drain), or the request was already tried on it. The policy is asked again without it, a few times;
/// then everything is looked at once, tier by tier, from a random start. So the number of steps is bounded, and a backend that can take the attempt is found if there is one.
/// </summary>
internal static class Repick
{
    private const int Attempts = 3;

    /// <summary>A pick from the start.</summary>
    public static BackendState? FindFirst(Snapshot snapshot, in PickRequest request, RandomSource random, out Admission admission, out PickReasons reasons)
    {
        BackendState? first = snapshot.Picker.Pick(request);
        reasons = PickReasons.None;
        admission = default;
        return first is not null && !request.HasExclusions && first.TryAcquire(out admission) ? first : Find(snapshot, request, first, random, out admission, out reasons);
    }

    /// <summary>Finds another backend in the balancer's own snapshot, and counts the attempt in.</summary>
    public static BackendState? Find(Snapshot snapshot, in PickRequest request, BackendState? first, RandomSource random, out Admission admission, out PickReasons reasons) =>
        Find(snapshot.Picker, snapshot.Backends, default(Admitting), request, first, random, out admission, out reasons);

    /// <summary>Finds another backend.</summary>
    /// <param name="picker">The policy.</param>
    /// <param name="backends">Who may be picked at all.</param>
    /// <param name="entrance">Asks a backend whether it takes the attempt.</param>
    /// <param name="request">The request; its exclusions are honoured while anything else is left.</param>
    /// <param name="first">The policy's choice. When the request excludes nothing, it has just refused; else it was not asked yet.</param>
    /// <param name="random">Where to start to look.</param>
    /// <param name="admission">How the backend let the attempt in.</param>
    /// <param name="reasons">What was out of the ordinary.</param>
    /// <returns>A backend that has admitted the attempt, or <see langword="null"/>.</returns>
    public static BackendState? Find<TEntrance>(
        Picker picker, BackendSet backends, TEntrance entrance, in PickRequest request, BackendState? first, RandomSource random, out Admission admission, out PickReasons reasons)
        where TEntrance : struct, IEntrance
    {
        if (first is null)
        {
            return FindWithoutExclusions(picker, entrance, request, out admission, out reasons);
        }

        BackendExclusions rejected = request.Excluded;
        if (!request.HasExclusions)
        {
            rejected = rejected.With(first);
        }

        BackendState? candidate = !request.HasExclusions
            ? picker.Pick(request with { Excluded = rejected })
            : first;

        reasons = ReferenceEquals(candidate, first) ? PickReasons.None : PickReasons.Repicked;
        for (int i = 0; i < Attempts && candidate is not null && !rejected.Contains(candidate); i++)
        {
            if (entrance.TryEnter(candidate, out admission))
            {
                return candidate;
            }

            reasons = PickReasons.Repicked;
            rejected = rejected.With(candidate);
            candidate = picker.Pick(request with { Excluded = rejected });
        }

        reasons = PickReasons.Repicked;
        return Scan(backends.Eligible, entrance, request.ExcludedInPlace, wantExcluded: false, random, out admission)
            ?? ReuseExcluded(backends, entrance, request, first, random, out admission, ref reasons);
    }

    /// <summary>Somebody whom only the failures of earlier requests keep out: of the first tier that has one, from a random start.</summary>
    public static BackendState? FindSuspect(Snapshot snapshot, in BackendExclusions tried, RandomSource random, out Admission admission)
    {
        admission = default;
        foreach (TierView tier in snapshot.Tiers)
        {
            int start = random.NextIndex(Math.Max(1, snapshot.Backends.Count));
            for (int i = 0; i < snapshot.Backends.Count; i++)
            {
                BackendState backend = snapshot.Backends[(start + i) % snapshot.Backends.Count];
                if (backend.Description.Priority == tier.Priority && IsSuspect(backend) && !tried.Contains(backend) && backend.TryAcquire(out admission, failsOpen: true))
                {
                    backend.IsTriedAsSuspect = true;
                    return backend;
                }
            }
        }

        return null;
    }

    private static bool IsSuspect(BackendState backend)
    {
        Unavailability unavailability = backend.Unavailability;
        return unavailability != Unavailability.None && (unavailability & ~(Unavailability.CircuitOpen | Unavailability.Ejected)) == 0 && backend.Description.Weight > 0;
    }

    /// <summary>The policy has nobody. That is its right; but a policy that takes exclusions to be strict is asked once more without them.</summary>
    private static BackendState? FindWithoutExclusions<TEntrance>(Picker picker, TEntrance entrance, in PickRequest request, out Admission admission, out PickReasons reasons)
        where TEntrance : struct, IEntrance
    {
        admission = default;
        reasons = PickReasons.ExcludedReused;
        return request.HasExclusions && picker.Pick(request with { Excluded = default }) is { } again && entrance.TryEnter(again, out admission) ? again : null;
    }

    private static BackendState? ReuseExcluded<TEntrance>(
        BackendSet backends, TEntrance entrance, in PickRequest request, BackendState first, RandomSource random, out Admission admission, ref PickReasons reasons)
        where TEntrance : struct, IEntrance
    {
        admission = default;
        if (!request.HasExclusions)
        {
            return null;
        }

        // Nothing but what was tried is left. The policy's own choice among those comes first.
        reasons = PickReasons.ExcludedReused;
        return entrance.TryEnter(first, out admission)
            ? first
            : Scan(backends.Eligible, entrance, request.ExcludedInPlace, wantExcluded: true, random, out admission);
    }

    /// <summary>Tier by tier, and in a tier the caller's own zone first, because a backend that is full is no reason to leave a place in which another one has room.</summary>
    private static BackendState? Scan<TEntrance>(
        ReadOnlySpan<BackendState> eligible, TEntrance entrance, in BackendExclusions excluded, bool wantExcluded, RandomSource random, out Admission admission)
        where TEntrance : struct, IEntrance
    {
        admission = default;
        while (!eligible.IsEmpty)
        {
            int length = 1;
            while (length < eligible.Length && AreTogether(eligible[0], eligible[length], entrance))
            {
                length++;
            }

            if (ScanTier(eligible[..length], entrance, excluded, wantExcluded, random, out admission) is { } found)
            {
                return found;
            }

            eligible = eligible[length..];
        }

        return null;
    }

    private static bool AreTogether<TEntrance>(BackendState backend, BackendState other, TEntrance entrance)
        where TEntrance : struct, IEntrance =>
        backend.Description.Priority == other.Description.Priority && ((entrance.StandingReasonsOf(backend) ^ entrance.StandingReasonsOf(other)) & PickReasons.SpilledZone) == 0;

    private static BackendState? ScanTier<TEntrance>(
        ReadOnlySpan<BackendState> eligible, TEntrance entrance, in BackendExclusions excluded, bool wantExcluded, RandomSource random, out Admission admission)
        where TEntrance : struct, IEntrance
    {
        admission = default;
        int start = random.NextIndex(eligible.Length);
        for (int i = 0; i < eligible.Length; i++)
        {
            int index = start + i < eligible.Length ? start + i : start + i - eligible.Length;
            BackendState backend = eligible[index];
            if (excluded.Contains(backend) == wantExcluded && entrance.TryEnter(backend, out admission))
            {
                return backend;
            }
        }

        return null;
    }

    /// <summary>Counts the attempt in at once.</summary>
    private readonly struct Admitting : IEntrance
    {
        public bool TryEnter(BackendState backend, out Admission admission) => backend.TryAcquire(out admission);

        public PickReasons StandingReasonsOf(BackendState backend) => backend.StandingReasons;
    }
}
