using System.Net;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>Holds every request until the test lets it go, and remembers in which order they came.</summary>
internal sealed class HeldRequests : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly List<(string Path, string Host, TaskCompletionSource<HttpResponseMessage> Answer)> _requests = [];

    /// <summary>The paths of all requests that have come, in order.</summary>
    public string[] Paths
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests.Select(request => request.Path)];
            }
        }
    }

    /// <summary>The hosts that they were sent to, in order.</summary>
    public string[] Hosts
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests.Select(request => request.Host)];
            }
        }
    }

    /// <summary>Answers a request, with an empty body.</summary>
    public void Release(string path)
    {
        TaskCompletionSource<HttpResponseMessage> answer;
        lock (_gate)
        {
            answer = _requests.Single(request => request.Path == path).Answer;
        }

        answer.SetResult(new HttpResponseMessage(HttpStatusCode.NoContent));
    }

    /// <summary>Completes when so many requests have come; fails if that takes longer than any machine does.</summary>
    public async Task ShouldHaveComeAsync(int count)
    {
        for (int i = 0; i < 30_000 && Paths.Length < count; i++)
        {
            await Task.Delay(1);
        }

        Paths.Length.ShouldBe(count);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Answered on the thread that releases, so that the end of the attempt is over when Release returns.
        TaskCompletionSource<HttpResponseMessage> answer = new();
        lock (_gate)
        {
            _requests.Add((request.RequestUri!.AbsolutePath, request.RequestUri.Host, answer));
        }

        return answer.Task.WaitAsync(cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(request, cancellationToken).GetAwaiter().GetResult();
}
