namespace LoadBalancing.Client.Load;

/// <summary>Something computed from what many backends remember, to be computed again from time to time.</summary>
internal interface IRefreshable
{
    /// <summary>Computes it again and publishes it. Called by one thread at a time, as a rule.</summary>
    /// <param name="now">The timestamp now.</param>
    void Refresh(long now);
}
