namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>Answers without a network, and remembers what it was asked.</summary>
internal sealed class StubHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public StubHandler(Func<HttpResponseMessage> answer)
        : this((_, _) => Task.FromResult(answer()))
    {
    }

    public StubHandler()
        : this(() => new HttpResponseMessage { Content = new StringContent("hello") })
    {
    }

    public Uri? Uri { get; private set; }

    public string? Host { get; private set; }

    public HttpContent? Content { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Record(request);
        return answer(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Record(request);
        return answer(request, cancellationToken).GetAwaiter().GetResult();
    }

    private void Record(HttpRequestMessage request) => (Uri, Host, Content) = (request.RequestUri, request.Headers.Host, request.Content);
}
