namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>A policy as the command line names it: <c>least_request</c>, or with options <c>least_request:FullScan=true:ChoiceCount=3</c>. A value may have colons of its own: <c>peak_ewma:Decay=00:00:05</c>.</summary>
/// <param name="Label">All of it; what reports call it.</param>
/// <param name="Name">The policy's name.</param>
/// <param name="Options">Its options; empty for those of the scenario, where it names the same policy.</param>
/// <param name="Origin">Who asks for it, for messages.</param>
internal sealed record PolicyChoice(string Label, string Name, IReadOnlyList<KeyValuePair<string, string?>> Options, string Origin)
{
    /// <summary>Reads one.</summary>
    /// <param name="text">As the command line has it.</param>
    /// <param name="origin">Who asks for it, for messages; <see langword="null"/> for whoever calls.</param>
    /// <exception cref="ScenarioException">An option is no key with a value.</exception>
    public static PolicyChoice Parse(string text, string? origin = null)
    {
        origin ??= $"policy \"{text}\"";
        string[] parts = text.Split(':');
        List<KeyValuePair<string, string?>> options = [];
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                options.Add(new KeyValuePair<string, string?>(part[..equals], part[(equals + 1)..]));
            }
            else if (equals < 0 && options.Count > 0)
            {
                // No option begins here: it is still the value of the one before.
                options[^1] = new KeyValuePair<string, string?>(options[^1].Key, $"{options[^1].Value}:{part}");
            }
            else
            {
                throw new ScenarioException($"{origin}: '{part}': must be an option and its value, such as FullScan=true");
            }
        }

        return new PolicyChoice(text, parts[0], options, origin);
    }
}
