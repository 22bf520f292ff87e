namespace LoadBalancing.Client.Backends;

/// <summary>A source of trouble: owns one flag of every backend, sets it and clears it, and touches no other.</summary>
internal interface IHealthSource : IDisposable
{
    /// <summary>What is to hear how attempts on a backend go; <see langword="null"/> for a source that does not look at attempts, or is turned off. Called when a backend is made, and when options have changed.</summary>
    BackendJudge? CreateJudge(BackendState backend);

    /// <summary>The balancer is in use: what runs by time may begin. Called under the writers' lock, once; must not block.</summary>
    void Start();

    /// <summary>The list of backends is another one. Called under the writers' lock, and once before <see cref="Start"/>; must not block.</summary>
    void Update(IReadOnlyList<BackendState> listed);
}
