using System.Net.Http.Json;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Which bodies can be sent more than once.</summary>
internal static class ReplayableContent
{
    /// <summary>Whether the body is in memory: none, bytes, texts, forms, an object that is written as JSON (it is written again), and parts that are all of that.</summary>
    public static bool IsInMemory(HttpContent? content) => content switch
    {
        null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(IsInMemory),
        _ => false,
    };

    /// <summary>Whether to read the body into memory before it is sent, so that it can be sent again.</summary>
    public static bool IsToBeBuffered(HttpRequestMessage request, int maxBytes) =>
        request.Content is { } content
        && !IsInMemory(content)
        && content.Headers.ContentLength <= maxBytes
        && RetryRules.IsIdempotent(request)
        && !RetryRules.IsLeftAlone(request);
}
