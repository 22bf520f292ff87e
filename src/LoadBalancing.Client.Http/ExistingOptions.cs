using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Http;

/// <summary>The options of a request, if it has any: <see cref="HttpRequestMessage.Options"/> would make them, about 100 bytes for each request that has none.</summary>
/// <remarks>Only the field behind that property tells. Where the runtime has no such field, the property is asked, and all that is lost are these bytes.</remarks>
internal static class ExistingOptions
{
    private static readonly bool IsFieldKnown = CheckField();

    public static HttpRequestOptions? Of(HttpRequestMessage request) => IsFieldKnown ? Field(request) : request.Options;

    private static bool CheckField()
    {
        using HttpRequestMessage request = new();
        try
        {
            return Field(request) is null && ReferenceEquals(request.Options, Field(request));
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref HttpRequestOptions? Field(HttpRequestMessage request);
}
