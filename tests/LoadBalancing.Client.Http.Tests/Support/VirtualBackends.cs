using System.Collections.Concurrent;
using System.Net;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>Backends without a network, by the hosts of their addresses, that take their time by a test's clock. Each answers with its name.</summary>
/// <param name="clock">The clock.</param>
/// <param name="serve">How long a request takes, and what comes of it: a status, or 0 for a connection that is refused.</param>
internal sealed class VirtualBackends(TimeProvider clock, Func<HttpRequestMessage, (TimeSpan Latency, int Status)> serve) : HttpMessageHandler
{
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ConcurrentQueue<string> _canceled = new();
    private int _bodies;
    private int _running;

    /// <summary>Who was sent requests, in this order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Whose requests were canceled.</summary>
    public IReadOnlyList<string> Canceled => [.. _canceled];

    /// <summary>How many requests have not ended.</summary>
    public int Running => _running;

    /// <summary>How many answers were not disposed.</summary>
    public int OpenBodies => _bodies;

    /// <summary>Whether requests go on when they are canceled.</summary>
    public bool IsDeaf { get; init; }

    /// <summary>What a refused connection says.</summary>
    public string Refusal { get; init; } = "refused";

    /// <summary>So many of them, called a, b, c and so on.</summary>
    public static Backend[] Addresses(int count = 3) => [.. Enumerable.Range(0, count).Select(i => new Backend($"http://{(char)('a' + i)}:80") { Id = ((char)('a' + i)).ToString() })];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string host = request.RequestUri!.Host;
        _asked.Enqueue(host);
        Interlocked.Increment(ref _running);
        try
        {
            (TimeSpan latency, int status) = serve(request);
            await WaitAsync(latency, IsDeaf ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            return status == 0
                ? throw new HttpRequestException(HttpRequestError.ConnectionError, Refusal)
                : new HttpResponseMessage((HttpStatusCode)status) { Content = new Body(this, host), RequestMessage = request };
        }
        catch (OperationCanceledException)
        {
            _canceled.Enqueue(host);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Unlike Task.Delay, exact, and what waits for it goes on at once when it is canceled.</summary>
    private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        TaskCompletionSource over = new();
        using ITimer timer = clock.CreateTimer(_ => over.TrySetResult(), state: null, time, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => over.TrySetCanceled(cancellationToken), state: null);
        await over.Task.ConfigureAwait(false);
    }

    private sealed class Body : StringContent
    {
        private VirtualBackends? _owner;

        public Body(VirtualBackends owner, string text)
            : base(text)
        {
            _owner = owner;
            Interlocked.Increment(ref owner._bodies);
        }

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _owner, null) is { } owner)
            {
                Interlocked.Decrement(ref owner._bodies);
            }

            base.Dispose(disposing);
        }
    }
}
