using System.Diagnostics;
using System.Net.Http.Headers;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>
/// The header by which a backend knows which span a request belongs to. .NET sets it when it sends a request that has none, and it stays; so the next attempt would be told to belong to the one before.
/// </summary>
internal static class TraceParent
{
    private const string Header = "traceparent";

    /// <summary>Removes the header, if it is of the current trace, so that it is set anew. One of another trace is the caller's.</summary>
    public static void Forget(HttpRequestMessage request)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current
            && ExistingHeaders.Of(request) is { } headers
            && headers.NonValidated.TryGetValues(Header, out HeaderStringValues value)
            && value.ToString().Contains(current.TraceId.ToHexString(), StringComparison.Ordinal))
        {
            headers.Remove(Header);
        }
    }
}
