using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Http;

/// <summary>The headers of a request, if it has any: <see cref="HttpRequestMessage.Headers"/> would make them, for each request that has none.</summary>
/// <remarks>Only the field behind that property tells. Where the runtime has no such field, the property is asked, and all that is lost is the memory.</remarks>
internal static class ExistingHeaders
{
    private static readonly bool IsFieldKnown = CheckField();

    public static HttpRequestHeaders? Of(HttpRequestMessage request) => IsFieldKnown ? Field(request) : request.Headers;

    private static bool CheckField()
    {
        using HttpRequestMessage request = new();
        try
        {
            return Field(request) is null && ReferenceEquals(request.Headers, Field(request));
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_headers")]
    private static extern ref HttpRequestHeaders? Field(HttpRequestMessage request);
}
