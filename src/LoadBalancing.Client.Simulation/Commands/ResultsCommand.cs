using System.CommandLine;
using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary><c>lb-sim results scenarios docs/results.md</c>: plays all scenarios of a folder, and writes a page about them with charts in a folder beside it.</summary>
internal static class ResultsCommand
{
    public static Command Create()
    {
        Argument<string> folder = new("folder") { Description = "The folder with the scenario files." };
        Argument<string> page = new("page") { Description = "The page to write, in Markdown. Its charts go to a folder of its name beside it." };
        Command command = new("results", "Plays all scenarios of a folder, and writes a page about them.") { folder, page };
        command.SetAction(result => OneLineErrors.Guard(result, () => Run(result.GetRequiredValue(folder), result.GetRequiredValue(page), result.InvocationConfiguration.Output)));
        return command;
    }

    private static void Run(string folder, string page, TextWriter output)
    {
        // Everything is read before anything is played, and played before any file is written; whether there is a folder to write to is seen before that takes its time.
        (string Name, Scenario Scenario)[] files = Load(folder);
        string name = Path.GetFileNameWithoutExtension(page);
        string pageFolder = Path.GetDirectoryName(Path.GetFullPath(page))!;
        OutputFile.CreateFolder(Path.Combine(pageFolder, name));
        PlayedScenario[] scenarios = Play(files);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string text = new ResultsPage(scenarios, Path.GetFileName(full), Relative(pageFolder, full), Relative(Path.GetDirectoryName(full) ?? full, page)).Create();
        (string Path, string Text)[] charts = [.. scenarios.SelectMany(ResultsPage.CreateCharts).Select(chart => (Path.Combine(pageFolder, name, chart.FileName), ChartSvg.CreateFile(chart.Chart)))];

        Array.ForEach(charts, chart => OutputFile.Write(chart.Path, chart.Text));
        OutputFile.Write(page, text);
        output.WriteLine(FormattableString.Invariant($"{page}: {scenarios.Length} scenarios, {charts.Length} charts"));
    }

    /// <summary>As it is written in links and commands, which are the same everywhere.</summary>
    private static string Relative(string from, string to) => Path.GetRelativePath(from, to).Replace('\\', '/');

    private static (string Name, Scenario Scenario)[] Load(string folder)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*.json").OrderBy(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ScenarioException($"{folder}: cannot be read: {exception.Message}", exception);
        }

        return files.Length > 0
            ? [.. files.Select(file => (Path.GetFileNameWithoutExtension(file), Scenario.Load(file)))]
            : throw new ScenarioException($"{folder}: has no *.json; must be a folder with scenario files");
    }

    private static PlayedScenario[] Play((string Name, Scenario Scenario)[] scenarios)
    {
        (int File, int Policy)[] runs = [.. scenarios.SelectMany((scenario, file) => scenario.Scenario.Policies.Select((_, policy) => (file, policy)))];
        RunResult[] results = new RunResult[runs.Length];
        Parallel.For(0, runs.Length, index => results[index] = Simulator.Run(scenarios[runs[index].File].Scenario, scenarios[runs[index].File].Scenario.Policies[runs[index].Policy]));
        ILookup<int, RunResult> byFile = runs.Zip(results).ToLookup(run => run.First.File, run => run.Second);
        return [.. scenarios.Select((scenario, file) => new PlayedScenario(scenario.Name, scenario.Scenario, [.. byFile[file]]))];
    }
}
