using System.Collections.Concurrent;
using System.Net;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>A client over real servers, on a clock that stands still, so that every default of health is tested as it is; but each request is sent once, so that what a failure costs can be counted. The backends are called b0, b1 and so on.</summary>
internal sealed class ServerPool : IDisposable
{
    // A request that takes longer is one that hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<int, int> _sent = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly int[] _ports;
    private readonly List<(long Due, Task<HttpResponseMessage> Answer, CancellationTokenSource Caller)> _waiting = [];

    public ServerPool(IEnumerable<Uri> servers, Action<BalancerBuilder> configure, SocketsHttpHandler? handler = null)
    {
        Uri[] addresses = [.. servers];
        _ports = Array.ConvertAll(addresses, address => address.Port);
        BalancerBuilder builder = new BalancerBuilder("orders")
            .AddBackends(addresses.Select((server, index) => new Backend(server) { Id = $"b{index}" }))
            .UsePolicy(new RoundRobinPolicy())
            .UseRetries(retry => retry.Enabled = false)
            .UseTimeProvider(Clock)
            .UseRandom(new Random(1));
        configure(builder);
        Balancer = builder.Build();
        Balancer.CircuitChanged += (_, change) => Moves.Enqueue((change.Backend.Id, change.To));
        Balancer.AvailabilityChanged += (_, change) => Flags.Enqueue((change.Backend.Id, change.Flag, change.IsSet));
        handler ??= new SocketsHttpHandler();
        handler.UseProxy = false;
        _invoker = new HttpMessageInvoker(new LoadBalancingHandler(Balancer, new Counter(_sent) { InnerHandler = handler }));
    }

    public FakeTimeProvider Clock { get; } = new();

    public Balancer Balancer { get; }

    /// <summary>Every move of a circuit.</summary>
    public ConcurrentQueue<(string Id, CircuitState To)> Moves { get; } = new();

    /// <summary>Every change of a flag.</summary>
    public ConcurrentQueue<(string Id, Unavailability Flag, bool IsSet)> Flags { get; } = new();

    /// <summary>Called whenever the clock has moved, to wait for what happens besides requests.</summary>
    public Func<Task> AfterStep { get; init; } = () => Task.CompletedTask;

    /// <summary>A backend by its number. Known once something has been sent, or the balancer was started.</summary>
    public BackendState this[int index] => Balancer.Backends.Find($"b{index}")!;

    /// <summary>How many requests were sent to a backend since the last <see cref="Forget"/>.</summary>
    public int SentTo(int index) => _sent.GetValueOrDefault(_ports[index]);

    public int SentToAll => _sent.Values.Sum();

    public void Forget() => _sent.Clear();

    /// <summary>Sends a request and waits for its end. An error status is a failure as well.</summary>
    public async Task<bool> TrySendAsync()
    {
        try
        {
            using HttpResponseMessage response = await StartAsync(CancellationToken.None).WaitAsync(Patience);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            // A connect timeout.
            return false;
        }
    }

    /// <summary>Sends requests one after the other.</summary>
    /// <returns>How many failed.</returns>
    public async Task<int> SendAsync(int count)
    {
        int failed = 0;
        for (int i = 0; i < count; i++)
        {
            failed += await TrySendAsync() ? 0 : 1;
        }

        return failed;
    }

    /// <summary>Sends requests, so many at a time.</summary>
    /// <returns>How many failed.</returns>
    public async Task<int> SendAsync(int count, int atATime)
    {
        int failed = 0;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atATime }, async (_, _) =>
        {
            if (!await TrySendAsync())
            {
                Interlocked.Increment(ref failed);
            }
        });
        return failed;
    }

    /// <summary>
    /// Open traffic: a request every 10 ms of the clock, whatever became of those before; each caller waits for 500 ms. Servers that work answer in no time, one that hangs never does.
    /// </summary>
    /// <returns>How many were not answered.</returns>
    public async Task<int> RunAsync(TimeSpan duration, int hanging, TimeSpan? attemptTimeout = null)
    {
        TimeSpan callersPatience = TimeSpan.FromMilliseconds(500);
        TimeSpan endsAfter = attemptTimeout < callersPatience ? attemptTimeout.Value : callersPatience;
        int failed = 0;
        for (int i = 0; i < duration / TimeSpan.FromMilliseconds(10); i++)
        {
            int before = this[hanging].InFlight;
            CancellationTokenSource caller = new(callersPatience, Clock);
            Task<HttpResponseMessage> answer = StartAsync(caller.Token);
            if (this[hanging].InFlight > before)
            {
                _waiting.Add((Clock.GetTimestamp() + endsAfter.Ticks, answer, caller));
                failed++;
            }
            else
            {
                (await answer.WaitAsync(Patience)).Dispose();
                caller.Dispose();
            }

            await AdvanceAsync(TimeSpan.FromMilliseconds(10));
        }

        return failed;
    }

    /// <summary>Moves the clock, and waits for all attempts of <see cref="RunAsync"/> that end because of it.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        Clock.Advance(time);
        long now = Clock.GetTimestamp();
        await Task.WhenAll(_waiting.Where(request => request.Due <= now).Select(request => EndAsync(request.Answer, request.Caller))).WaitAsync(Patience);
        _waiting.RemoveAll(request => request.Due <= now);
        await AfterStep();
    }

    public Task<HttpResponseMessage> StartAsync(CancellationToken cancellationToken) =>
        _invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), cancellationToken);

    public void Dispose()
    {
        // Those that hang still: whether they are canceled, or answered because the server goes on, is nobody's concern any more.
        _waiting.ForEach(request => _ = GiveUpAsync(request.Answer, request.Caller));
        _invoker.Dispose();
        Balancer.Dispose();
    }

    private static async Task EndAsync(Task<HttpResponseMessage> answer, CancellationTokenSource caller)
    {
        using (caller)
        {
            Exception end = await Assert.ThrowsAnyAsync<Exception>(() => answer);
            (end is OperationCanceledException or AttemptTimeoutException).ShouldBeTrue(end.ToString());
        }
    }

    private static async Task GiveUpAsync(Task<HttpResponseMessage> answer, CancellationTokenSource caller)
    {
        using (caller)
        {
            await caller.CancelAsync();
            await answer.ContinueWith(static ended => (ended.Exception is null && !ended.IsCanceled ? ended.Result : null)?.Dispose(), TaskScheduler.Default);
        }
    }

    /// <summary>Below the balancer: it sees where requests go.</summary>
    private sealed class Counter(ConcurrentDictionary<int, int> sent) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.AddOrUpdate(request.RequestUri!.Port, 1, static (_, count) => count + 1);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
