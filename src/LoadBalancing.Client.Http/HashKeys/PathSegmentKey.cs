using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>One segment of the path, counted from 0, as it is in the URI: not decoded.</summary>
internal sealed class PathSegmentKey(int index) : HashKeySource
{
    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        ReadOnlySpan<char> path = target.Span;
        int end = path.IndexOf('?');
        path = end < 0 ? path : path[..end];
        for (int i = 0; i <= index; i++)
        {
            int slash = path.IndexOf('/');
            if (slash < 0)
            {
                return null;
            }

            path = path[(slash + 1)..];
        }

        int next = path.IndexOf('/');
        return Hash(next < 0 ? path : path[..next]);
    }
}
