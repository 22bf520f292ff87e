namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>A policy as the command line names it: <c>least_request</c>, or with options <c>least_request:FullScan=true:ChoiceCount=3</c>.</summary>
/// <param name="Label">All of it; what reports call it.</param>
/// <param name="Name">The policy's name.</param>
/// <param name="Options">Its options; empty for those of the scenario, where it names the same policy.</param>
internal sealed record PolicyChoice(string Label, string Name, IReadOnlyList<KeyValuePair<string, string?>> Options)
{
    /// <exception cref="ScenarioException">An option is no key with a value.</exception>
    public static PolicyChoice Parse(string text)
    {
        string[] parts = text.Split(':');
        return new PolicyChoice(text, parts[0], [.. parts.Skip(1).Select(part => ParseOption(text, part))]);
    }

    private static KeyValuePair<string, string?> ParseOption(string text, string part)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new KeyValuePair<string, string?>(part[..equals], part[(equals + 1)..])
            : throw new ScenarioException($"--policy {text}: '{part}': must be an option and its value, such as FullScan=true");
    }
}
