namespace LoadBalancing.Client;

/// <summary>A picker that keeps a key with its backend: it chooses by <see cref="PickRequest.Hash"/>. Immutable; thread safe.</summary>
public abstract class HashPicker : Picker
{
    /// <summary>The backends of a hash, in order: what <see cref="Picker.Pick"/> chooses, what it chooses when that is excluded, and so on. Load is not looked at.</summary>
    /// <param name="hash">The final hash, as in <see cref="PickRequest.Hash"/>.</param>
    /// <param name="count">How many distinct backends are wanted; 0 or more.</param>
    /// <returns>That many eligible backends, or as many as there are. A list of its own, which the caller may keep.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public abstract IReadOnlyList<BackendState> GetBackends(ulong hash, int count);

    internal sealed override HashPicker ForHash(ulong hash) => this;
}
