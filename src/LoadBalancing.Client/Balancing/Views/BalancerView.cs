using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing.Views;

/// <summary>
/// The balancer's own picks, among those backends only that one owner can reach: a gRPC channel knows which of them have a connection, the balancer knows the policy and their health. Immutable; when the balancer's snapshot or what
/// the owner can reach changes, the owner makes another one (<see cref="ViewSource"/>). Choosing takes no lock and allocates nothing.
/// </summary>
/// <remarks>
/// <para>
/// It is built like the snapshot, by the same code, from the same flags and ramps of slow start. Who is not reached is one more that is not eligible, so policies and tables need not know of views: hash tables stand over all
/// backends of a pool, and one that is not reached is walked past, so no key of another one moves, and no table is built. Where a pool is the same in the view as in the snapshot, the picker is the snapshot's own.
/// </para>
/// <para>
/// Tiers: how load is spread counts those that are still connecting, as if they were there; a tier in which nobody is connected hands its load on (<see cref="Tiers.TierHandOver"/>). Zones: only those that are reached count.
/// Panic: a tier fails open when nothing in it is eligible and reached, or about to be; then all of it that is reached is used, and if nobody is, nobody is chosen.
/// </para>
/// <para>
/// Memory of the policy: what is remembered per backend (averages) is one and the same. What is remembered per pool is the balancer's. A view reads it, and its pickers carry their viewer, so that none of them takes the place of the
/// balancer's own: a round robin over a part of a pool begins where the pool's is and goes its own way; <c>pick_first</c> follows the balancer's choice for as long as that is reached.
/// </para>
/// </remarks>
internal sealed class BalancerView
{
    private readonly Balancer _balancer;
    private readonly Snapshot _snapshot;
    private readonly ViewPlan _plan;

    public BalancerView(Balancer balancer, Snapshot snapshot, ViewPlan plan)
    {
        _balancer = balancer;
        _snapshot = snapshot;
        _plan = plan;
    }

    /// <summary>All listed backends, and those that can be chosen.</summary>
    public BackendSet Backends => _plan.Backends;

    /// <summary>Whether the balancer has a newer snapshot by now, or is about to; the owner is told.</summary>
    public bool IsOutdated => !_balancer.IsCurrent(_snapshot);

    /// <summary>What a choice can expect: somebody, to be told to wait, or nobody. Caps are not looked at.</summary>
    public ViewAnswer Outlook => _plan.IsServing ? ViewAnswer.Chosen : MayBecomeMore || IsOutdated ? ViewAnswer.Later : ViewAnswer.Nobody;

    private bool MayBecomeMore => _plan.IsPending || !_balancer.IsAnswered;

    /// <summary>Chooses a backend for an attempt that will be sent, or not: nothing is counted. Who has no room now is passed over, as in a pick.</summary>
    /// <param name="request">What the choice may depend on.</param>
    /// <param name="choice">Who was chosen.</param>
    /// <exception cref="ObjectDisposedException">Nobody was chosen, and the balancer is disposed.</exception>
    public ViewAnswer Choose(in PickRequest request, out ViewChoice choice)
    {
        BackendState? first = _plan.Picker.Pick(request);
        BackendState? chosen = first;
        PickReasons reasons = PickReasons.None;
        Looking entrance = new(_plan.Reasons);
        if (first is null || request.HasExclusions || !entrance.TryEnter(first, out Admission admission))
        {
            chosen = Repick.Find(_plan.Picker, _plan.Backends, entrance, request, first, _balancer.RandomSource, out admission, out reasons);
            if (chosen is null)
            {
                choice = default;
                return Refuse(isFull: first is not null);
            }
        }

        reasons |= entrance.StandingReasonsOf(chosen!);
        if (_snapshot.UsesHash && request.Hash is null)
        {
            reasons |= PickReasons.NoHash;
        }

        choice = new ViewChoice(chosen!, reasons, admission.Era);
        return ViewAnswer.Chosen;
    }

    private ViewAnswer Refuse(bool isFull)
    {
        _balancer.ThrowIfDisposed();
        return IsOutdated || (!isFull && MayBecomeMore) ? ViewAnswer.Later
            : isFull ? ViewAnswer.Full
            : ViewAnswer.Nobody;
    }

    /// <summary>Looks whether the attempt would be let in.</summary>
    private readonly struct Looking(Dictionary<BackendState, PickReasons>? reasons) : IEntrance
    {
        public bool TryEnter(BackendState backend, out Admission admission)
        {
            // The era first: whatever ends it after this makes the attempt one of the old era, which is the safe side.
            admission = new Admission(backend.Era, null);
            return backend.LookAtAdmission((StandingReasonsOf(backend) & PickReasons.FailOpen) != 0) == AdmissionRefusal.None;
        }

        public PickReasons StandingReasonsOf(BackendState backend) => reasons?.GetValueOrDefault(backend) ?? PickReasons.None;
    }
}
