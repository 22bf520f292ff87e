using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Which bodies can be sent more than once.</summary>
internal static class ReplayableContent
{
    /// <summary>Whether the body is in memory: none, bytes, texts, forms, an object that is written as JSON (it is written again) unless it is a sequence that may run dry, and parts that are all of that.</summary>
    public static bool IsInMemory(HttpContent? content) => content switch
    {
        null or ByteArrayContent or ReadOnlyMemoryContent => true,
        JsonContent json => IsLasting(json.Value),
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

    /// <summary>Whether an error of connecting can only be the network's, so that nothing of the body was read: contents of one's own may make calls themselves while they are written.</summary>
    public static bool IsPlain(HttpContent? content) => content switch
    {
        MultipartContent parts => parts.All(IsPlain),
        _ => content?.GetType() == typeof(StreamContent) || IsInMemory(content),
    };

    /// <summary>A collection can be written again. A mere sequence may have been a reader that is at its end, and its rest, or nothing, would be sent in its name.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Whatever writes the sequence as JSON uses these interfaces, so they are there.")]
    private static bool IsLasting(object? value)
    {
        if (value is null or string or ICollection)
        {
            return true;
        }

        bool isSequence = value is IEnumerable;
        foreach (Type type in value.GetType().GetInterfaces())
        {
            if (type.IsGenericType)
            {
                Type definition = type.GetGenericTypeDefinition();
                if (definition == typeof(ICollection<>) || definition == typeof(IReadOnlyCollection<>))
                {
                    return true;
                }

                isSequence |= definition == typeof(IAsyncEnumerable<>);
            }
        }

        return !isSequence;
    }
}
