using Grpc.Core;

namespace GrpcSample;

/// <summary>Callers that never stop asking, and watchers whose streams last for seconds.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 8;
    private const int Watchers = 40;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Orders.OrdersClient _client;
    private readonly Ledger _ledger;
    private readonly double _speed;
    private readonly Task _running;

    private Load(Orders.OrdersClient client, Ledger ledger, double speed)
    {
        (_client, _ledger, _speed) = (client, ledger, speed);
        _running = Task.WhenAll([
            .. Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync)),
            .. Enumerable.Range(0, Watchers).Select(number => Task.Run(() => WatchAsync(number)))]);
    }

    public static Load Start(Orders.OrdersClient client, Ledger ledger, double speed) => new(client, ledger, speed);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task CallAsync()
    {
        for (int number = 0; !_stopping.IsCancellationRequested; number++)
        {
            try
            {
                _ledger.Answered(await _client.GetAsync(new OrderRequest { Number = number }));
            }
            catch (RpcException)
            {
                _ledger.WasLost();
            }

            await Task.Delay(Pause);
        }
    }

    private async Task WatchAsync(int number)
    {
        while (!_stopping.IsCancellationRequested)
        {
            // For 2 to 5 seconds, and then another one.
            TimeSpan duration = TimeSpan.FromSeconds((2 + (3 * Random.Shared.NextDouble())) * _speed);
            using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            enough.CancelAfter(duration);
            await WatchAsync(number, enough.Token);
        }
    }

    /// <summary>Opens one stream. What has not begun, gRPC retries; what breaks off after its first message only the caller can begin again, since nobody else knows what it has seen.</summary>
    private async Task WatchAsync(int number, CancellationToken enough)
    {
        string? server = null;
        try
        {
            using AsyncServerStreamingCall<OrderEvent> call = _client.Watch(new OrderRequest { Number = number }, cancellationToken: enough);
            await foreach (OrderEvent happened in call.ResponseStream.ReadAllAsync(CancellationToken.None))
            {
                if (server is null)
                {
                    server = happened.Server;
                    _ledger.Opened(server);
                }
            }
        }
        catch (RpcException) when (enough.IsCancellationRequested)
        {
            // Watched for long enough.
        }
        catch (RpcException) when (server is not null)
        {
            _ledger.BrokeOff();
        }
        catch (RpcException)
        {
            _ledger.WasLost();
        }
        finally
        {
            if (server is not null)
            {
                _ledger.Closed(server);
            }
        }
    }
}
