namespace Failover;

/// <summary>A few callers that never stop asking.</summary>
internal sealed class Load(HttpClient client) : IAsyncDisposable
{
    private const int Callers = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public static Load Start(HttpClient client)
    {
        Load load = new(client);
        load._running = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(load.CallAsync)));
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri("/orders/42", UriKind.Relative));
            }
            catch (HttpRequestException)
            {
                // The ledger has counted it.
            }

            await Task.Delay(Pause);
        }
    }
}
