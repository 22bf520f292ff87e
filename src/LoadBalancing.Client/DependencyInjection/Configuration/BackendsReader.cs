namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>
/// Reads <c>Backends</c>: a map from id to address or object, so that several configuration files merge by id, or a list of addresses and objects. The binder would drop mixed lists.
/// </summary>
/// <remarks>
/// Configuration knows no lists: their entries have the keys 0, 1, 2 …. So entries whose keys are numbers are a list, and any others a map. Both at once is a mistake
/// (two files, say, of which one has a list and the other a map): nobody can tell which entries mean the same backend.
/// An entry may have a value and keys of its own at once, when one file gives the address alone and another adds a weight.
/// </remarks>
internal static class BackendsReader
{
    private const string AddressRequirement = "must be an absolute URI such as http://10.0.0.1:8080, with scheme http, https or tcp";

    public static void Read(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("Backends", "must be a map from id to address or object, or a list of these") is not { } backends)
        {
            return;
        }

        options.HasBackends = true;
        string? number = backends.Keys.FirstOrDefault(IsNumber);
        string? id = backends.Keys.FirstOrDefault(key => !IsNumber(key) && !string.IsNullOrWhiteSpace(key));
        if (number is not null && id is not null)
        {
            section.Report("Backends", $"must be a list (its keys are numbers, such as '{number}' here) or a map from id to backend (such as '{id}'), not both at once");
            return;
        }

        Dictionary<string, string> pathById = new(StringComparer.Ordinal);
        foreach (string key in backends.Keys)
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                backends.Report(key, "must have an id as its key");
            }
            else if (ReadBackend(backends, key, isListed: IsNumber(key)) is not { } backend)
            {
                continue;
            }
            else if (pathById.TryAdd(backend.Id, $"{backends.Path}:{key}"))
            {
                options.Backends.Add(backend);
            }
            else
            {
                backends.Report(key, $"id '{backend.Id}' is that of {pathById[backend.Id]} too; must be unique");
            }
        }
    }

    /// <summary>The place under the key <c>Locality</c>; <see langword="null"/> when the key is not there.</summary>
    public static Locality? ReadLocality(SectionReader section)
    {
        if (section.ReadSection("Locality") is not { } place)
        {
            return null;
        }

        Locality locality = new(place.ReadText("Region") ?? "", place.ReadText("Zone") ?? "", place.ReadText("SubZone") ?? "");
        place.RefuseUnknownKeys();
        return locality;
    }

    private static bool IsNumber(string key) => key.Length > 0 && key.All(char.IsAsciiDigit);

    private static Backend? ReadBackend(SectionReader backends, string key, bool isListed)
    {
        (string? value, SectionReader section) = backends.ReadEither(key);
        string? id = isListed ? section.ReadString("Id") : key;
        double? weight = section.ReadDouble("Weight", min: 0);
        int? priority = section.ReadInt32("Priority", min: 0);
        Locality locality = ReadLocality(section) ?? default;
        string? hostName = section.Read<string>("HostName", "must be a host, or host:port", static (string text, out string? read) => Backend.IsHostName(read = text));
        int? maxConcurrency = section.ReadInt32("MaxConcurrency", min: 1);
        IReadOnlyDictionary<string, string>? metadata = section.ReadMap("Metadata");
        Uri? address = ReadAddress(backends, key, value, section);
        section.RefuseUnknownKeys();
        if (address is null)
        {
            return null;
        }

        Backend backend = new(address);
        return backend with
        {
            Id = id ?? backend.Id,
            Weight = weight ?? backend.Weight,
            Priority = priority ?? backend.Priority,
            Locality = locality,
            HostName = hostName,
            MaxConcurrency = maxConcurrency,
            Metadata = metadata ?? backend.Metadata,
        };
    }

    private static Uri? ReadAddress(SectionReader backends, string key, string? value, SectionReader section)
    {
        string? ownAddress = section.Read<string>("Address", AddressRequirement, static (string text, out string? read) => (read = text) is not null);
        if (value is null)
        {
            section.ReportMissing("Address", AddressRequirement);
            return Parse(ownAddress, section, "Address");
        }

        if (section.IsSet("Address"))
        {
            backends.Report(key, "must not have an address of its own beside the key Address");
            return null;
        }

        return Parse(value, backends, key);
    }

    private static Uri? Parse(string? text, SectionReader section, string key)
    {
        if (text is null)
        {
            return null;
        }

        string? problem = Uri.TryCreate(text, UriKind.Absolute, out Uri? address) ? Backend.DescribeAddressError(address) : AddressRequirement;
        if (problem is not null)
        {
            section.Report(key, problem);
            return null;
        }

        return address;
    }
}
