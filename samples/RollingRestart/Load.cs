using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace RollingRestart;

/// <summary>Callers that do not wait for each other: so many requests a second, GET and POST with an <c>Idempotency-Key</c> by turns. What a caller sees is counted here.</summary>
internal sealed class Load(HttpClient client) : IAsyncDisposable
{
    private const double RatePerSecond = 300;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _losses = new();
    private Task _running = Task.CompletedTask;
    private int _sent;
    private int _answered;

    public int Sent => Volatile.Read(ref _sent);

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What callers have seen that was no answer.</summary>
    public IReadOnlyCollection<string> Losses => _losses;

    public static Load Start(HttpClient client)
    {
        Load load = new(client);
        load._running = Task.Run(load.RunAsync);
        return load;
    }

    /// <summary>Stops, and waits for the last answer.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        List<Task> requests = [];
        long started = Stopwatch.GetTimestamp();
        while (!_stopping.IsCancellationRequested)
        {
            while (requests.Count < Stopwatch.GetElapsedTime(started).TotalSeconds * RatePerSecond)
            {
                int number = requests.Count;
                requests.Add(Task.Run(() => CallAsync(number)));
            }

            await Task.Delay(2);
        }

        await Task.WhenAll(requests);
    }

    private async Task CallAsync(int number)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/orders");
        if (number % 2 == 1)
        {
            request.Method = HttpMethod.Post;
            request.Content = new StringContent("two of them, please");
            request.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"order-{number}"));
        }

        Interlocked.Increment(ref _sent);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            Interlocked.Increment(ref _answered);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            _losses.Enqueue($"{request.Method} {number}: {exception.Message}");
        }
    }
}
