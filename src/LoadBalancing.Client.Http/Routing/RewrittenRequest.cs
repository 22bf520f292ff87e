using LoadBalancing.Client.Http.Resilience;

namespace LoadBalancing.Client.Http.Routing;

/// <summary>A request on its way to a backend, and what it takes to make it again what the caller made.</summary>
internal readonly struct RewrittenRequest
{
    private static readonly UriCreationOptions ByteForByte = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly Uri _original;
    private readonly Version _version;
    private readonly bool _hasOurHost;
    private readonly bool _hasOurContent;
    private readonly bool _isWithoutExpect;

    private RewrittenRequest(Uri original, Version version, bool hasOurHost, bool hasOurContent, bool isWithoutExpect)
    {
        _original = original;
        _version = version;
        _hasOurHost = hasOurHost;
        _hasOurContent = hasOurContent;
        _isWithoutExpect = isWithoutExpect;
    }

    /// <summary>Points <paramref name="request"/> to <paramref name="backend"/>.</summary>
    /// <remarks>
    /// When a connection ends before an answer, SocketsHttpHandler sends by itself, up to three times more and whatever the method is, a request without content, and one with <c>Expect: 100-continue</c>. So a request that
    /// must not be served twice gets content, if only an empty one, and does not wait for that. What else it sends again is what a backend has said that it had not processed (HTTP/2 and 3).
    /// </remarks>
    public static RewrittenRequest Rewrite(HttpRequestMessage request, BackendState backend, in RequestTarget target)
    {
        Uri original = request.RequestUri!;
        BackendRoute.Leg leg = BackendRoute.Of(backend).For(original);
        request.RequestUri = new Uri(string.Concat(leg.Prefix, target.Span), ByteForByte);
        bool hasOurHost = leg.Host is { } host && !request.Headers.NonValidated.Contains("Host") && request.Headers.TryAddWithoutValidation("Host", host);
        bool hasOurContent = false;
        bool isWithoutExpect = false;
        if (!RetryRules.IsIdempotent(request.Method) && request.Method != HttpMethod.Connect) // CONNECT has no content, only a tunnel.
        {
            hasOurContent = request.Content is null;
            if (hasOurContent)
            {
                request.Content = new ByteArrayContent([]);
            }

            isWithoutExpect = ExistingHeaders.Of(request) is { ExpectContinue: true } && !RetryRules.IsIdempotent(request);
            if (isWithoutExpect)
            {
                request.Headers.ExpectContinue = null;
            }
        }

        return new RewrittenRequest(original, request.Version, hasOurHost, hasOurContent, isWithoutExpect);
    }

    /// <summary>Makes the request what it was. A request that was disposed meanwhile is left alone.</summary>
    public void Restore(HttpRequestMessage request)
    {
        try
        {
            request.RequestUri = _original;
            if (_hasOurHost)
            {
                request.Headers.Remove("Host");
            }

            if (_hasOurContent)
            {
                request.Content = null;
            }

            if (_isWithoutExpect)
            {
                request.Headers.ExpectContinue = true;
            }

            if (request.Version != _version)
            {
                // A handler that was refused one version may have gone on with a lower one.
                request.Version = _version;
            }
        }
        catch (ObjectDisposedException)
        {
            // Nobody can send it again, so nobody needs it as it was.
        }
    }
}
