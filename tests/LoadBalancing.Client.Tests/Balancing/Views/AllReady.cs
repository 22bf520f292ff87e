using System.Collections;
using System.Diagnostics.CodeAnalysis;
using LoadBalancing.Client.Balancing.Views;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>Every backend has a connection, whoever it is.</summary>
internal sealed class AllReady : IReadOnlyDictionary<BackendState, Readiness>
{
    public int Count => 0;

    public IEnumerable<BackendState> Keys => [];

    public IEnumerable<Readiness> Values => [];

    public Readiness this[BackendState key] => Readiness.Ready;

    public bool ContainsKey(BackendState key) => true;

    public bool TryGetValue(BackendState key, [MaybeNullWhen(false)] out Readiness value)
    {
        value = Readiness.Ready;
        return true;
    }

    public IEnumerator<KeyValuePair<BackendState, Readiness>> GetEnumerator() => Enumerable.Empty<KeyValuePair<BackendState, Readiness>>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
