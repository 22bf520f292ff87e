using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>Gives a content that wraps another one the headers of that: a copy is 150 bytes and a good part of what tracking a call costs.</summary>
/// <remarks>Only a field makes that possible. Where the runtime has no such field, they are copied.</remarks>
internal static class SharedHeaders
{
    private static readonly bool IsFieldKnown = CheckField();

    public static void Share(HttpContent from, HttpContent to)
    {
        if (IsFieldKnown)
        {
            Field(to) = from.Headers;
        }
        else
        {
            Copy(from, to);
        }
    }

    public static void Copy(HttpContent from, HttpContent to)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in from.Headers.NonValidated)
        {
            to.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    private static bool CheckField()
    {
        using ByteArrayContent from = new([]);
        using ByteArrayContent to = new([]);
        try
        {
            Field(to) = from.Headers;
            return ReferenceEquals(to.Headers, from.Headers);
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_headers")]
    private static extern ref HttpContentHeaders? Field(HttpContent content);
}
