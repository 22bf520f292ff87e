namespace LoadBalancing.Client.Backends;

/// <summary>Hears of one backend's failures, and of its successes as long as it wants to. Called on the threads that complete attempts, concurrently: must not block, throw or allocate when nothing changes.</summary>
internal abstract class BackendJudge
{
    /// <summary>An attempt failed. Failures that one lost connection caused come as one.</summary>
    public abstract void OnFailure(in AttemptReport report);

    /// <summary>An attempt succeeded, after a failure, or after this has asked to hear of it.</summary>
    /// <returns>Whether to hear of the next one too; the next failure will be followed by successes in any case.</returns>
    public abstract bool OnSuccess(in AttemptReport report);
}
