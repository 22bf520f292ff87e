namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>Where the process runs, as its environment says it: in variables of our own, or in those that OpenTelemetry reads.</summary>
internal static class Whereabouts
{
    private const string Prefix = "LOADBALANCING_";
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";

    public static Locality Read(Func<string, string?> readVariable)
    {
        Locality own = new(readVariable($"{Prefix}REGION")?.Trim() ?? "", readVariable($"{Prefix}ZONE")?.Trim() ?? "", readVariable($"{Prefix}SUBZONE")?.Trim() ?? "");
        return own != default ? own : ReadAttributes(readVariable(ResourceAttributes) ?? "");
    }

    /// <summary>Written like <c>cloud.region=eu-1,cloud.availability_zone=eu-1a</c>, percent-encoded. What cannot be read is passed over: the variable is not ours.</summary>
    private static Locality ReadAttributes(string text)
    {
        string region = "";
        string zone = "";
        foreach (string attribute in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = attribute.Split('=', 2, StringSplitOptions.TrimEntries);
            switch (parts)
            {
                case ["cloud.region", var value]:
                    region = Uri.UnescapeDataString(value);
                    break;
                case ["cloud.availability_zone", var value]:
                    zone = Uri.UnescapeDataString(value);
                    break;
            }
        }

        return new Locality(region, zone);
    }
}
