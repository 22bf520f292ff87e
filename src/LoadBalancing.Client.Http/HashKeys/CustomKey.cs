using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>Whatever the application reads from the request.</summary>
internal sealed class CustomKey(Func<HttpRequestMessage, string?> select) : HashKeySource
{
    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target) => Hash(select(request));
}
