using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LoadBalancing.Client;

/// <summary>Everything a pick may depend on. The default value asks for any backend.</summary>
public readonly struct PickRequest
{
    private const int StackBytes = 256;

    private readonly BackendExclusions _excluded;

    /// <summary>
    /// The final hash of what the request belongs to (a user, a session, a cache key): tables are indexed with it as it is, so use <see cref="ForKey(string)"/>
    /// unless the value is already well mixed. The default value, <see langword="null"/>, means none. Only hash policies look at it.
    /// </summary>
    public ulong? Hash { get; init; }

    /// <summary>Backends that were already tried. Soft: ignored when nothing else is left. The default value is empty.</summary>
    public BackendExclusions Excluded
    {
        get => _excluded;
        init => _excluded = value;
    }

    /// <summary>Whether <see cref="Excluded"/> names any backend; cheaper than to copy it and ask.</summary>
    public bool HasExclusions => !_excluded.IsEmpty;

    /// <summary><see cref="Excluded"/> without a copy: it is five references large.</summary>
    [UnscopedRef]
    internal ref readonly BackendExclusions ExcludedInPlace => ref _excluded;

    /// <summary>A request that belongs to <paramref name="key"/>: the XXH64 of its UTF-8 bytes.</summary>
    public static PickRequest ForKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new PickRequest { Hash = HashKey(key) };
    }

    /// <summary>A request that belongs to <paramref name="key"/>: the XXH64 of its bytes.</summary>
    public static PickRequest ForKey(ReadOnlySpan<byte> key) => new() { Hash = XxHash64.Hash(key) };

    /// <summary>A request that belongs to <paramref name="key"/>: the XXH64 of its eight bytes, least significant first.</summary>
    public static PickRequest ForKey(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, key);
        return ForKey(bytes);
    }

    /// <summary>The XXH64 of the UTF-8 bytes of <paramref name="key"/>, which may be a part of a text.</summary>
    internal static ulong HashKey(ReadOnlySpan<char> key)
    {
        int capacity = Encoding.UTF8.GetMaxByteCount(key.Length);
        if (capacity <= StackBytes)
        {
            Span<byte> bytes = stackalloc byte[StackBytes];
            return XxHash64.Hash(bytes[..Encoding.UTF8.GetBytes(key, bytes)]);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(capacity);
        try
        {
            return XxHash64.Hash(rented.AsSpan(0, Encoding.UTF8.GetBytes(key, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
