using System.Globalization;

namespace LoadBalancing.Client.Backends;

/// <summary>The header <c>grpc-timeout</c>: how long the caller waits, in at most eight digits and a unit. Source: grpc/doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcTimeout
{
    public const string HeaderName = "grpc-timeout";

    private const int MostDigits = 8;

    /// <summary>The time; <see langword="null"/> for what is none.</summary>
    public static TimeSpan? Parse(ReadOnlySpan<char> header)
    {
        if (header.Length is < 2 or > MostDigits + 1 || !long.TryParse(header[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return null;
        }

        return header[^1] switch
        {
            'H' => TimeSpan.FromTicks(value * TimeSpan.TicksPerHour),
            'M' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMinute),
            'S' => TimeSpan.FromTicks(value * TimeSpan.TicksPerSecond),
            'm' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMillisecond),
            'u' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }
}
