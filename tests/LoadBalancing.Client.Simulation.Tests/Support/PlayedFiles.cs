using System.Collections.Concurrent;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests.Support;

/// <summary>Plays the files in <c>scenarios/</c>, each once for all tests that ask.</summary>
internal static class PlayedFiles
{
    private static readonly ConcurrentDictionary<(string File, long? Seed), Lazy<IReadOnlyList<RunResult>>> Results = new();

    public static string Folder { get; } = Path.Combine(Repository.Root, "scenarios");

    /// <summary>The names, without folder and extension.</summary>
    public static string[] Names { get; } = [.. Directory.EnumerateFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public static string PathOf(string name) => Path.Combine(Folder, name + ".json");

    /// <summary>A result for each of the file's policies.</summary>
    /// <param name="name">The file's name without folder and extension.</param>
    /// <param name="seed"><see langword="null"/> for that of the file.</param>
    public static IReadOnlyList<RunResult> Play(string name, long? seed = null) => Results.GetOrAdd((name, seed), static key => new Lazy<IReadOnlyList<RunResult>>(() =>
    {
        Scenario scenario = Scenario.Load(PathOf(key.File));
        scenario = key.Seed is { } other ? scenario.WithSeed(other) : scenario;
        RunResult[] results = new RunResult[scenario.Policies.Count];
        Parallel.For(0, results.Length, index => results[index] = Simulator.Run(scenario, scenario.Policies[index]));
        return results;
    })).Value;
}
