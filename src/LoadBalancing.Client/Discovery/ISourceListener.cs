namespace LoadBalancing.Client.Discovery;

/// <summary>Hears what a watched source says. Called from the watcher's loop, one call at a time per watcher.</summary>
internal interface ISourceListener
{
    /// <summary>The source has a new list.</summary>
    void OnBackends(SourceWatcher watcher, IReadOnlyList<Backend> backends);

    /// <summary>The source threw, or (without an exception) its stream ended; it is watched again after the delay.</summary>
    void OnFailure(SourceWatcher watcher, Exception? exception, TimeSpan delay);
}
