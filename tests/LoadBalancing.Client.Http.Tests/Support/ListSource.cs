using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>Says what the test tells it to; nothing before that.</summary>
internal sealed class ListSource : IBackendSource
{
    private readonly Channel<IReadOnlyList<Backend>> _lists = Channel.CreateUnbounded<IReadOnlyList<Backend>>();

    public ListSource()
    {
    }

    public ListSource(IReadOnlyList<Backend> first) => Publish(first);

    public void Publish(IReadOnlyList<Backend> backends) => _lists.Writer.TryWrite(backends);

    public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (IReadOnlyList<Backend> list in _lists.Reader.ReadAllAsync(cancellationToken))
        {
            yield return list;
        }
    }
}
