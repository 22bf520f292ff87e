namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A scenario file and what came of it.</summary>
/// <param name="Name">The file's name without folder and extension.</param>
/// <param name="Scenario">What it says.</param>
/// <param name="Results">One for each of its policies.</param>
internal sealed record PlayedScenario(string Name, Scenario Scenario, IReadOnlyList<RunResult> Results);
