using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client;

/// <summary>The part of a policy that lives as long as the balancer: holds what outlives a rebuild, such as a round-robin position.</summary>
public abstract class PickerFactory
{
    /// <summary>
    /// Builds a picker over one snapshot. Called under the balancer's writer lock, once per change and pool (a priority tier is a pool of its own, and so is a zone of it when traffic stays in its zone);
    /// it must neither block nor throw: when it throws on a later change, that is logged and the last picker stays in use. Pick from <see cref="BackendSet.Eligible"/>; a policy whose tables must not move when a backend flaps may look at all.
    /// </summary>
    /// <remarks>
    /// Whoever can reach only some of the backends, such as a gRPC channel, whose connections to the others are not made yet, is given pickers of its own: of the same pools, with fewer eligible backends.
    /// So several pickers of a pool may be in use at the same time.
    /// </remarks>
    public abstract Picker CreatePicker(BackendSet backends);

    /// <summary>Whether picks depend on <see cref="PickRequest.Hash"/>; one without it is then marked <see cref="PickReasons.NoHash"/>. The default value is <see langword="false"/>.</summary>
    public virtual bool UsesHash => false;

    /// <summary>Makes per-backend memory that hears of every attempt, e.g. a latency average; <see langword="null"/> for none. Called once per backend.</summary>
    public virtual IBackendObserver? CreateObserver(BackendState backend) => null;

    /// <summary>
    /// Forgets what is remembered of any pool but these, which are all that the list has now, asked for a picker or not. Called under the balancer's writer lock, after the pickers are built; one of a pool that is
    /// gone may still be picked from for a moment.
    /// </summary>
    internal virtual void RetainPools(ReadOnlySpan<int> pools)
    {
    }
}
