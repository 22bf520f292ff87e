using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LoadBalancing.Client.Tests.Discovery;

/// <summary>A source that says what a test tells it to.</summary>
internal sealed class ScriptedSource : IBackendSource
{
    private readonly Channel<Func<IReadOnlyList<Backend>?>> _script = Channel.CreateUnbounded<Func<IReadOnlyList<Backend>?>>();
    private readonly TaskCompletionSource _canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _watches;
    private int _refreshRequests;

    /// <summary>How often a watch was started.</summary>
    public int Watches => Volatile.Read(ref _watches);

    public int RefreshRequests => Volatile.Read(ref _refreshRequests);

    /// <summary>Completes when a watch was canceled.</summary>
    public Task Canceled => _canceled.Task;

    /// <summary>Called at the start of each watch, in its loop.</summary>
    public Action OnWatch { get; init; } = static () => { };

    public void Yield(params string[] addresses) => YieldBackends(Array.ConvertAll(addresses, address => new Backend(address)));

    public void YieldBackends(IReadOnlyList<Backend> backends) => _script.Writer.TryWrite(() => backends);

    public void Throw(Exception exception) => _script.Writer.TryWrite(() => throw exception);

    public void End() => _script.Writer.TryWrite(() => null);

    public void YieldNull() => _script.Writer.TryWrite(() => new NullList());

    public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watches);
        OnWatch();
        try
        {
            while (true)
            {
                Func<IReadOnlyList<Backend>?> next = await _script.Reader.ReadAsync(cancellationToken);
                switch (next())
                {
                    case null:
                        yield break;
                    case NullList:
                        yield return null!;
                        break;
                    case { } backends:
                        yield return backends;
                        break;
                }
            }
        }
        finally
        {
            // Not by a callback of the token: the read's own callback runs first, and might take it back.
            if (cancellationToken.IsCancellationRequested)
            {
                _canceled.TrySetResult();
            }
        }
    }

    public void RequestRefresh() => Interlocked.Increment(ref _refreshRequests);

    public override string ToString() => "the script";

    private sealed class NullList : List<Backend>;
}
