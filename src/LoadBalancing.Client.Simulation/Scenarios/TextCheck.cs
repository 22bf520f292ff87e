using System.Globalization;
using System.Text.Json;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Finds escapes in JSON that stand for half of a character: grammar allows them, but they are no text, and whoever reads them throws.</summary>
internal static class TextCheck
{
    private const string Requirement = "must be text: it has one half of a surrogate pair (\\ud800 to \\udfff) without the other";

    /// <param name="file">The file's name, as messages show it.</param>
    /// <param name="path">Where in the file.</param>
    /// <param name="element">What is there.</param>
    /// <exception cref="ScenarioException">There is one.</exception>
    public static void Check(string file, string path, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Check(file, $"{path}.{Read(file, path, () => property.Name)}", property.Value);
                }

                break;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Check(file, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), item);
                }

                break;
            case JsonValueKind.String:
                Read(file, path, () => element.GetString()!);
                break;
        }
    }

    private static string Read(string file, string path, Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw new ScenarioException($"{file}: {path}: {Requirement}", exception);
        }
    }
}
