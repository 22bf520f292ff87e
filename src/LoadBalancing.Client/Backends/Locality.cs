namespace LoadBalancing.Client;

/// <summary>Where a backend or a caller runs, from the largest failure domain to the smallest. Compared ordinally; empty means unknown.</summary>
public readonly record struct Locality
{
    /// <summary>Names a place; whatever is left out is unknown.</summary>
    public Locality(string region = "", string zone = "", string subZone = "")
    {
        Region = region;
        Zone = zone;
        SubZone = subZone;
    }

    // "Empty" is stored as null, so that default(Locality) equals a locality made of empty strings.

    /// <summary>For example <c>eu-1</c>. The default value is empty.</summary>
    public string Region { get => field ?? ""; init => field = NullWhenEmpty(value)!; }

    /// <summary>For example <c>eu-1a</c>. The default value is empty.</summary>
    public string Zone { get => field ?? ""; init => field = NullWhenEmpty(value)!; }

    /// <summary>A part of the zone, for example a rack. The default value is empty.</summary>
    public string SubZone { get => field ?? ""; init => field = NullWhenEmpty(value)!; }

    /// <summary>Region, zone and sub-zone, joined by <c>/</c>; <c>unknown</c> when all are empty.</summary>
    public override string ToString()
    {
        string text = $"{Region}/{Zone}/{SubZone}".Trim('/');
        return text.Length == 0 ? "unknown" : text;
    }

    private static string? NullWhenEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
