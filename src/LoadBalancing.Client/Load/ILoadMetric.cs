namespace LoadBalancing.Client.Load;

/// <summary>
/// What "loaded" means. Selection (two choices, full scan) compares whatever this returns, so a metric and a way to select combine freely.
/// </summary>
/// <remarks>Implement it as a struct: the picker is then compiled for it, without a virtual call.</remarks>
public interface ILoadMetric
{
    /// <summary>The load of the backend at <paramref name="index"/> of the snapshot's eligible ones; 0 or more and finite, smaller is better. Thread safe; allocates nothing.</summary>
    double GetLoad(int index);
}
