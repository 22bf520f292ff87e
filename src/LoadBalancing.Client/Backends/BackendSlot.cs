namespace LoadBalancing.Client.Backends;

/// <summary>
/// A place in every <see cref="BackendState"/> for what one part of the library remembers per backend, such as metric tags or the parts of a rewritten URI.
/// Make one static instance per use; reading it costs an array access.
/// </summary>
internal sealed class BackendSlot<T>
    where T : class
{
    private readonly int _index = BackendSlots.TakeIndex();

    public T? Get(BackendState backend) => backend.GetSlot(_index) as T;

    public void Set(BackendState backend, T value) => backend.SetSlot(_index, value);
}

/// <summary>Numbers the slots.</summary>
internal static class BackendSlots
{
    /// <summary>More than the library uses; the array is made only for backends that use one.</summary>
    public const int Capacity = 8;

    private static int _taken;

    public static int TakeIndex()
    {
        int index = Interlocked.Increment(ref _taken) - 1;
        return index < Capacity ? index : throw new InvalidOperationException($"There are only {Capacity} backend slots.");
    }
}
