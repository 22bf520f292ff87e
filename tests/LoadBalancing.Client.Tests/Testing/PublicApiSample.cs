// What PublicApiDescriptionTests describes: one of everything that the description knows.
#pragma warning disable CS0067, MA0008, MA0017, MA0046 // nobody uses it, and it is odd on purpose

using System.Diagnostics.CodeAnalysis;

namespace LoadBalancing.Client.Tests.Testing.PublicApiSample;

public delegate TResult? Convert<in T, out TResult>(T value)
    where TResult : class;

public interface IShape : IDisposable
{
    string? Name { get; }

    static abstract int Count { get; }

    void Draw(ReadOnlySpan<byte> canvas, scoped in Point at = default);

    bool TryScale(double factor, [NotNullWhen(true)] out IShape? scaled) => throw new NotSupportedException();
}

[Flags]
public enum Sides : byte
{
    None = 0,
    Top = 1,
    Left = 2,
    Both = Top | Left,
}

public readonly record struct Point(double X, double Y)
{
    public static Point Origin { get; }

    public static Point operator +(Point left, Point right) => new(left.X + right.X, left.Y + right.Y);
}

public readonly ref struct Cursor
{
    public ReadOnlySpan<char> Text { get; init; }
}

public struct Mutable
{
    public int Field;

    public readonly int Get() => Field;
}

public sealed record Label
{
    public Label(string text, params string?[] aliases) => (Text, Aliases) = (text, aliases);

    public required string Text { get; init; }

    public IReadOnlyList<string?> Aliases { get; init; }

    public IReadOnlyDictionary<string, int?>? Numbers { get; set; }

    public bool Equals(Label? other) => other is not null;

    public override int GetHashCode() => 0;
}

public abstract class Shape<TKey, TValue> : IShape, IEnumerable<TKey>
    where TKey : notnull
    where TValue : class?, IShape, new()
{
    public const string Kind = "a\"b\n";
    public const Sides Default = Sides.Both;
    public static readonly int? Limit;
    private protected readonly int _hidden;
    private readonly int _secret;

    protected Shape(int size) => _secret = size;

    internal Shape()
    {
    }

    private Shape(string secret)
    {
    }

    public event EventHandler<string?>? Changed;

    public static int Count => 0;

    public abstract string? Name { get; }

    public int Size { get; protected set; }

    public int Quiet { get; internal set; }

    public TValue? this[TKey key, int index = 3] => default;

    public abstract IEnumerator<TKey> GetEnumerator();

    public void Draw(ReadOnlySpan<byte> canvas, scoped in Point at = default)
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    [Obsolete("Use Draw.")]
    public void Paint(string? text = null, Sides sides = Sides.Top | Sides.Left, double factor = 1.5, CancellationToken cancellationToken = default)
    {
    }

    public ref readonly int Peek(ref int a, out string b, ref readonly int c)
    {
        b = "";
        return ref c;
    }

    public Task<Dictionary<string, List<T?>>?> MapAsync<T>(Func<TKey, T?, T[]?> map, (int, string?) pair)
        where T : struct => throw new NotSupportedException();

    public override string ToString() => "";

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    protected virtual void Dispose(bool disposing)
    {
    }

    protected internal void Refresh()
    {
    }

    private protected void Hide()
    {
    }

    public static class Nested
    {
        public static T? Extend<T>(T? value, TKey key)
            where T : class => value;
    }

    protected sealed class Inner;

    private sealed class Secret;
}

public static class Extensions
{
    public static bool IsEmpty(this string? text) => text is null;

    public static void Fill<T>(this T shape, List<Outer<string>.Inner<int>?> parts)
        where T : unmanaged
    {
    }
}

public sealed class Circle : Shape<string, Circle>
{
    public Circle()
        : base(1)
    {
    }

    public override string? Name => null;

    public override IEnumerator<string> GetEnumerator() => throw new NotSupportedException();
}

internal sealed class Invisible
{
    public sealed class AlsoInvisible;
}

public class Outer<T>
{
    public class Inner<TItem>;
}
