namespace LoadBalancing.Client.Load;

/// <summary>
/// What "loaded" means. Selection (two choices, full scan) compares whatever this returns, so a metric and a way to select combine freely; see <c>LoadMetricPolicy</c>.
/// </summary>
/// <remarks>Implement it as a struct: the picker is then compiled for it, without a virtual call. Keep what it reads in arrays parallel to <see cref="BackendSet.Eligible"/>.</remarks>
public interface ILoadMetric
{
    /// <summary>
    /// The load of the backend at <paramref name="index"/> of the snapshot's eligible ones: any number, also a negative or an infinite one, in a unit of its own; smaller is better.
    /// What is not a number is in no order, and the first drawn is taken. Called on every pick: thread safe, allocates nothing.
    /// </summary>
    double GetLoad(int index);

    /// <summary>Says the load of one backend in a few words, for explanations. The default, <see langword="null"/>, means the number.</summary>
    string? Describe(int index) => null;
}
