using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>A source that says what a test tells it to say. The returned tasks complete when the balancer has taken it in.</summary>
internal sealed class ManualSource : IBackendSource
{
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>();
    private int _refreshRequests;
    private int _watches;

    public int RefreshRequests => Volatile.Read(ref _refreshRequests);

    public int Watches => Volatile.Read(ref _watches);

    public Task PublishAsync(params Backend[] backends) => SendAsync(new Item(backends, Failure: null));

    public Task FailAsync(Exception failure) => SendAsync(new Item(Backends: null, failure));

    /// <summary>Ends the stream, as a source should not.</summary>
    public Task EndAsync() => SendAsync(new Item(Backends: null, Failure: null));

    public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watches);
        await foreach (Item item in _items.Reader.ReadAllAsync(cancellationToken))
        {
            if (item.Backends is not { } backends)
            {
                item.Taken.SetResult();
                if (item.Failure is { } failure)
                {
                    throw failure;
                }

                yield break;
            }

            yield return backends;

            // The watcher asks for more: it is through with these.
            item.Taken.SetResult();
        }
    }

    public void RequestRefresh() => Interlocked.Increment(ref _refreshRequests);

    private async Task SendAsync(Item item)
    {
        _items.Writer.TryWrite(item).ShouldBeTrue();
        await item.Taken.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed record Item(IReadOnlyList<Backend>? Backends, Exception? Failure)
    {
        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
