using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Policies;

/// <summary>
/// What one factory remembers per backend, made when it is first asked for, be it by the balancer or by a picker, and forgotten with the backend. Thread safe.
/// One table per factory: a new policy starts anew, and pools and views of one factory share what is known.
/// </summary>
internal sealed class BackendMemory<T>(Func<BackendState, T> create)
    where T : class
{
    private readonly ConditionalWeakTable<BackendState, T> _byBackend = [];

    public T Of(BackendState backend) => _byBackend.GetOrAdd(backend, create);

    /// <summary>The memories of a snapshot's eligible backends, in their order.</summary>
    public T[] OfEligible(BackendSet set) => Array.ConvertAll(set.EligibleArray, Of);
}
