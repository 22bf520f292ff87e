using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing;

/// <summary>Asks a backend whether it takes an attempt, or would.</summary>
internal interface IEntrance
{
    bool TryEnter(BackendState backend, out Admission admission);

    /// <summary>What is out of the ordinary about any pick of the backend.</summary>
    PickReasons StandingReasonsOf(BackendState backend);
}
