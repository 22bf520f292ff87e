using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>
/// The two messages of <c>grpc.health.v1.Health/Check</c>, by hand: <c>HealthCheckRequest { string service = 1; }</c> and <c>HealthCheckResponse { ServingStatus status = 1; }</c>,
/// each behind gRPC's prefix of one byte (compressed or not) and four (length, big endian).
/// </summary>
internal static class GrpcHealthMessage
{
    private const int PrefixLength = 5;
    private const int LongestMessage = 1024;
    private const byte ServiceTag = (1 << 3) | 2;
    private const int StatusField = 1;
    private const int Serving = 1;

    private static readonly string[] ServingStatuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <summary>The request about a service, with its prefix.</summary>
    public static byte[] Ask(string service)
    {
        byte[] name = Encoding.UTF8.GetBytes(service);
        List<byte> message = [];
        if (name.Length > 0)
        {
            message.Add(ServiceTag);
            for (uint rest = (uint)name.Length; ; rest >>= 7)
            {
                message.Add((byte)(rest < 0x80 ? rest : (rest & 0x7F) | 0x80));
                if (rest < 0x80)
                {
                    break;
                }
            }

            message.AddRange(name);
        }

        byte[] framed = new byte[PrefixLength + message.Count];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Count);
        message.CopyTo(framed, PrefixLength);
        return framed;
    }

    /// <summary>Reads the answer to its end.</summary>
    /// <returns>The message without its prefix; <see langword="null"/> when there is none that could be an answer.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[PrefixLength + LongestMessage + 1];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length >= PrefixLength && length < buffer.Length && buffer[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(1)) == length - PrefixLength
            ? buffer[PrefixLength..length]
            : null;
    }

    /// <summary>What the answer of a call that went well says.</summary>
    public static ProbeResult Judge(byte[]? message)
    {
        if (message is null || ReadStatus(message) is not { } status)
        {
            return ProbeResult.Failed("not a health answer", "invalid_response");
        }

        string name = status < (ulong)ServingStatuses.Length ? ServingStatuses[status] : status.ToString(CultureInfo.InvariantCulture);
        return status == Serving ? ProbeResult.Healthy : ProbeResult.Failed(name, name);
    }

    /// <summary>The last value of the field counts; a field that is not there is 0; fields that we do not know are skipped.</summary>
    private static ulong? ReadStatus(ReadOnlySpan<byte> message)
    {
        ulong status = 0;
        while (!message.IsEmpty)
        {
            if (ReadVarint(ref message) is not { } tag)
            {
                return null;
            }

            ulong? value = (tag & 7) switch
            {
                0 => ReadVarint(ref message),
                1 => 8,
                2 => ReadVarint(ref message),
                5 => 4,
                _ => null,
            };
            int skipped = (tag & 7) == 0 ? 0 : (int)Math.Min(value ?? 0, LongestMessage + 1);
            if (value is null || skipped > message.Length)
            {
                return null;
            }

            status = tag == StatusField << 3 ? value.Value : status;
            message = message[skipped..];
        }

        return status;
    }

    private static ulong? ReadVarint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return value;
            }
        }

        return null;
    }
}
