using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Hashing;

/// <summary>The UTF-8 bytes of <c>{key}_{number}</c>, written into one buffer for any number of numbers, without a string for each.</summary>
internal readonly ref struct KeySuffix
{
    private const int LongestNumber = 10;

    private readonly Span<byte> _buffer;
    private readonly int _prefix;

    /// <param name="key">What comes before the number.</param>
    /// <param name="buffer">Where to write; a key too long for it gets a buffer of its own.</param>
    public KeySuffix(string key, Span<byte> buffer)
    {
        int needed = Encoding.UTF8.GetMaxByteCount(key.Length) + 1 + LongestNumber;
        _buffer = needed <= buffer.Length ? buffer : new byte[needed];
        _prefix = Encoding.UTF8.GetBytes(key, _buffer);
        _buffer[_prefix++] = (byte)'_';
    }

    /// <summary>The bytes with this number, until the next call.</summary>
    public ReadOnlySpan<byte> With(int number)
    {
        number.TryFormat(_buffer[_prefix..], out int digits, default, CultureInfo.InvariantCulture);
        return _buffer[..(_prefix + digits)];
    }
}
