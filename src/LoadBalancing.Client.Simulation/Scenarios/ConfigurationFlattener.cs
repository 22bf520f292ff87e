using System.Globalization;
using System.Text.Json;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Turns JSON into the keys and values of configuration, as the JSON provider of <c>Microsoft.Extensions.Configuration</c> does: keys are joined by colons, lists have numbers for keys, all values are text.</summary>
/// <param name="node">Where the JSON is, for messages.</param>
/// <param name="values">Gets the values.</param>
internal sealed class ConfigurationFlattener(ScenarioNode node, Dictionary<string, string?> values)
{
    public void Flatten(JsonElement element)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            Add(NameOf(property, node.Path), $"{node.Path}.{property.Name}", property.Value);
        }
    }

    private void Add(string key, string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AddAll(key, path, value.EnumerateObject().Select(property => (NameOf(property, path), $"{path}.{property.Name}", property.Value)), whenEmpty: null);
                break;
            case JsonValueKind.Array:
                AddAll(key, path, value.EnumerateArray().Select((item, index) => (Text(index), $"{path}[{Text(index)}]", item)), whenEmpty: "");
                break;
            default:
                AddValue(key, path, value.ValueKind == JsonValueKind.Null ? null : value.ToString());
                break;
        }
    }

    private void AddAll(string key, string path, IEnumerable<(string Key, string Path, JsonElement Value)> children, string? whenEmpty)
    {
        bool isEmpty = true;
        foreach ((string childKey, string childPath, JsonElement child) in children)
        {
            isEmpty = false;
            Add($"{key}:{childKey}", childPath, child);
        }

        if (isEmpty)
        {
            AddValue(key, path, whenEmpty);
        }
    }

    private void AddValue(string key, string path, string? value)
    {
        if (!values.TryAdd(key, value))
        {
            throw node.ProblemAt(path, ": is there twice (upper and lower case are the same here); must be there once");
        }
    }

    /// <summary>In the keys of configuration a colon is a step down, and in its messages a colon or an equals sign is where a key ends.</summary>
    private string NameOf(JsonProperty property, string path) => !string.IsNullOrWhiteSpace(property.Name) && !property.Name.Any(character => character is ':' or '=' || char.IsControl(character))
        ? property.Name
        : throw node.ProblemAt($"{path}.{property.Name}", ": must have a name that is not empty and has neither colon nor equals sign");

    private static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);
}
