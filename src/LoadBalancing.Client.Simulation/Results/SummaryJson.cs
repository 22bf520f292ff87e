using System.Text.Json;
using System.Text.Json.Serialization;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Results;

/// <summary>The JSON file: a list with one object per policy.</summary>
internal static class SummaryJson
{
    public static string Write(IReadOnlyList<RunSummary> summaries) => JsonSerializer.Serialize(summaries, SummaryJsonContext.Default.IReadOnlyListRunSummary) + "\n";

    /// <exception cref="ScenarioException">The file cannot be read, or is no such list.</exception>
    public static IReadOnlyList<RunSummary> Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(InputFile.Read(path), SummaryJsonContext.Default.IReadOnlyListRunSummary)
                ?? throw new ScenarioException($"{path}: $ = null: must be a list of results, as run --json writes it");
        }
        catch (JsonException exception)
        {
            throw new ScenarioException($"{path}: {exception.Path ?? "$"}: line {exception.LineNumber + 1}: must be a list of results, as run --json writes it", exception);
        }
    }
}

/// <summary>How results are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(IReadOnlyList<RunSummary>))]
internal sealed partial class SummaryJsonContext : JsonSerializerContext;
