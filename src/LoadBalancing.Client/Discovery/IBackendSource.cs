namespace LoadBalancing.Client;

/// <summary>Where backends come from. One instance serves one balancer.</summary>
public interface IBackendSource
{
    /// <summary>
    /// Yields the complete list of backends, first as soon as it is known and then after every change. An exception, or the end of the stream, is a failure of discovery:
    /// the last list stays in use and the watch is started again, with back-off. An empty list is believed.
    /// </summary>
    /// <param name="cancellationToken">Canceled when the balancer no longer needs the source.</param>
    IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync(CancellationToken cancellationToken);

    /// <summary>A hint that the list may be stale, after a failed connect: look again soon if that is possible. Called often; must return at once. The default does nothing.</summary>
    void RequestRefresh()
    {
    }
}
