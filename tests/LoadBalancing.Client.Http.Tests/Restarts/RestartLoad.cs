using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>
/// Open traffic: so many requests a second, whatever becomes of those before, over HTTP/1.1 and HTTP/2 by turns: GET, POST with an <c>Idempotency-Key</c> and, if wanted, POST without. Every answer is compared with what was sent.
/// </summary>
internal sealed class RestartLoad(HttpClient http1, HttpClient http2, bool hasPlainPosts = false)
{
    private readonly ConcurrentQueue<LostRequest> _lost = new();
    private int _sent;

    /// <summary>How many requests were sent.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>What was not answered as it should have been.</summary>
    public IReadOnlyList<LostRequest> Lost => [.. _lost];

    /// <summary>Sends until it is canceled, and waits for all answers.</summary>
    /// <returns>How many requests a second it became. A machine that is busy sends late, and then more at once.</returns>
    public async Task<double> RunAsync(double ratePerSecond, CancellationToken stopping)
    {
        List<Task> requests = [];
        long started = Stopwatch.GetTimestamp();
        while (!stopping.IsCancellationRequested)
        {
            while (requests.Count < Stopwatch.GetElapsedTime(started).TotalSeconds * ratePerSecond)
            {
                int number = requests.Count;
                requests.Add(Task.Run(() => SendAsync(number), CancellationToken.None));
            }

            await Task.Delay(2, CancellationToken.None);
        }

        double rate = requests.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.WhenAll(requests);
        return rate;
    }

    public static RequestKind KindOf(int number, bool hasPlainPosts) => (number / 2 % 4) switch
    {
        0 or 2 => RequestKind.Get,
        3 when hasPlainPosts => RequestKind.PlainPost,
        _ => RequestKind.KeyedPost,
    };

    private async Task SendAsync(int number)
    {
        bool isHttp2 = number % 2 == 1;
        RequestKind kind = KindOf(number, hasPlainPosts);
        string body = kind == RequestKind.Get ? "" : $"order {number} of many";
        using HttpRequestMessage request = new(kind == RequestKind.Get ? HttpMethod.Get : HttpMethod.Post, "/echo")
        {
            Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = kind == RequestKind.Get ? null : new StringContent(body, Encoding.ASCII),
        };
        request.Headers.Add("X-Request-Id", $"{number}");
        if (kind == RequestKind.KeyedPost)
        {
            request.Headers.Add("Idempotency-Key", $"key-{number}");
        }

        Interlocked.Increment(ref _sent);
        HttpResponseMessage? response = null;
        try
        {
            response = await (isHttp2 ? http2 : http1).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            string answer = await response.Content.ReadAsStringAsync();
            if (response.StatusCode != HttpStatusCode.OK || answer != body)
            {
                _lost.Enqueue(new LostRequest(number, kind, response, null, $"{(int)response.StatusCode} '{answer}' instead of '{body}'"));
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is what the test is about.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _lost.Enqueue(new LostRequest(number, kind, response, exception, exception.ToString()));
        }
        finally
        {
            response?.Dispose();
        }
    }
}
