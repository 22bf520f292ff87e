using System.Net.Http.Headers;
using System.Net.Http.Metrics;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>A request to send beside others of the same: with a URI, headers and options of its own, which an attempt and the handlers below change in place. The content is the same one: it is in memory.</summary>
internal static class RequestCopy
{
    public static HttpRequestMessage Create(HttpRequestMessage request)
    {
        HttpRequestMessage copy = new(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy, Content = request.Content };
        if (ExistingHeaders.Of(request) is { } headers)
        {
            foreach ((string name, HeaderStringValues values) in headers.NonValidated)
            {
                if (values.Count == 1)
                {
                    copy.Headers.TryAddWithoutValidation(name, values.ToString());
                }
                else
                {
                    copy.Headers.TryAddWithoutValidation(name, values);
                }
            }
        }

        if (ExistingOptions.Of(request) is { } options)
        {
            foreach ((string name, object? value) in options)
            {
                // Callbacks that enrich metrics are collected in a list, to which a handler below may add.
                ((IDictionary<string, object?>)copy.Options)[name] = value is List<Action<HttpMetricsEnrichmentContext>> callbacks ? callbacks.ToList() : value;
            }
        }

        return copy;
    }

    /// <summary>Makes what the content finds out when it is asked first, and remembers, known before several ask at once.</summary>
    public static void Prepare(HttpRequestMessage request) => _ = request.Content?.Headers.ContentLength;
}
