using System.Globalization;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>A set of HTTP statuses, written as <c>200-299,404</c>.</summary>
internal sealed class StatusRanges
{
    private const int Lowest = 100;
    private const int Highest = 599;

    private readonly (int First, int Last)[] _ranges;

    private StatusRanges((int First, int Last)[] ranges) => _ranges = ranges;

    public static bool TryParse(string? text, out StatusRanges? statuses)
    {
        string[] parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries);
        (int First, int Last)?[] ranges = Array.ConvertAll(parts, ParseRange);
        statuses = Array.TrueForAll(ranges, range => range is not null) ? new StatusRanges(Array.ConvertAll(ranges, range => range!.Value)) : null;
        return statuses is not null;
    }

    public bool Contains(int status) => Array.Exists(_ranges, range => status >= range.First && status <= range.Last);

    private static (int First, int Last)? ParseRange(string part)
    {
        int dash = part.IndexOf('-', StringComparison.Ordinal);
        (string first, string last) = dash < 0 ? (part, part) : (part[..dash], part[(dash + 1)..]);
        return ParseStatus(first) is { } from && ParseStatus(last) is { } to && from <= to ? (from, to) : null;
    }

    private static int? ParseStatus(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int status) && status is >= Lowest and <= Highest ? status : null;
}
