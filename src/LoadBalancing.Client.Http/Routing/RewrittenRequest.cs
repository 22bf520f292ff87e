namespace LoadBalancing.Client.Http.Routing;

/// <summary>A request on its way to a backend, and what it takes to make it again what the caller made.</summary>
internal readonly struct RewrittenRequest
{
    private static readonly UriCreationOptions ByteForByte = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpRequestMessage _request;
    private readonly Uri _original;
    private readonly bool _hasOurHost;
    private readonly bool _hasOurContent;

    private RewrittenRequest(HttpRequestMessage request, Uri original, bool hasOurHost, bool hasOurContent)
    {
        _request = request;
        _original = original;
        _hasOurHost = hasOurHost;
        _hasOurContent = hasOurContent;
    }

    /// <summary>Points <paramref name="request"/> to <paramref name="backend"/>.</summary>
    public static RewrittenRequest Rewrite(HttpRequestMessage request, BackendState backend, in RequestTarget target)
    {
        Uri original = request.RequestUri!;
        BackendRoute.Leg leg = BackendRoute.Of(backend).For(original);
        request.RequestUri = new Uri(string.Concat(leg.Prefix, target.Span), ByteForByte);
        bool hasOurHost = leg.Host is { } host && !request.Headers.NonValidated.Contains("Host") && request.Headers.TryAddWithoutValidation("Host", host);
        bool hasOurContent = request.Content is null && !IsSafeToResend(request.Method);
        if (hasOurContent)
        {
            // When a connection dies, SocketsHttpHandler sends a request without content again, by itself, whatever its method. With content, even an empty one, it does not.
            request.Content = new ByteArrayContent([]);
        }

        return new RewrittenRequest(request, original, hasOurHost, hasOurContent);
    }

    /// <summary>Makes the request what it was. A request that was disposed meanwhile is left alone.</summary>
    public void Restore()
    {
        try
        {
            _request.RequestUri = _original;
            if (_hasOurHost)
            {
                _request.Headers.Remove("Host");
            }

            if (_hasOurContent)
            {
                _request.Content = null;
            }
        }
        catch (ObjectDisposedException)
        {
            // Nobody can send it again, so nobody needs it as it was.
        }
    }

    private static bool IsSafeToResend(HttpMethod method) =>
        ReferenceEquals(method, HttpMethod.Get) // What most requests are.
        || method == HttpMethod.Get
        || method == HttpMethod.Head
        || method == HttpMethod.Put
        || method == HttpMethod.Delete
        || method == HttpMethod.Options
        || method == HttpMethod.Trace
        || method == HttpMethod.Connect; // Has no content, only a tunnel.
}
