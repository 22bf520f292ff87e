using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary><c>lb-sim run scenario.json</c>: plays a scenario with one policy or several, and reports.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> file = new("scenario") { Description = "The scenario file." };
        Option<string[]> policies = new("--policy")
        {
            Description = "The policies, separated by commas, with options if need be: least_request,least_request:FullScan=true,peak_ewma. Without it, those that the scenario names. There are " + BalancerSection.PolicyNames + ".",
        };
        Option<long?> seed = new("--seed") { Description = "Another seed than that of the scenario.", CustomParser = ReadSeed };
        Option<string> json = new("--json") { Description = "Where to write the numbers as JSON." };
        Option<string> html = new("--html") { Description = "Where to write the report: one page with charts, for a browser." };
        Command command = new("run", "Plays a scenario with one policy or several.") { file, policies, seed, json, html };
        command.SetAction(result => OneLineErrors.Guard(result, () => Run(
            result.GetRequiredValue(file), result.GetValue(policies) ?? [], result.GetValue(seed), result.GetValue(json), result.GetValue(html), result.InvocationConfiguration.Output)));
        return command;
    }

    private static long? ReadSeed(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seed))
        {
            return seed;
        }

        result.AddError($"--seed {text}: must be a whole number from 0 to {long.MaxValue}");
        return null;
    }

    private static void Run(string file, string[] policies, long? seed, string? json, string? html, TextWriter output)
    {
        OutputFile.Check("--json", json);
        OutputFile.Check("--html", html);
        Scenario scenario = Scenario.Load(file);
        if (seed is { } other)
        {
            scenario = scenario.WithSeed(other);
        }

        string[] names = [.. policies.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];

        // All of them before the first run: a slip in the last must not cost the time of the others.
        Array.ForEach(names, name => scenario.Plan.Balancer.Check(PolicyChoice.Parse(name, $"--policy {name}")));
        RunResult[] results = [.. (names.Length == 0 ? scenario.Policies : names).Select(name => Simulator.Run(scenario, name))];
        if (json is not null)
        {
            OutputFile.Write(json, SummaryJson.Write([.. results.Select(result => result.Summary)]));
        }

        if (html is not null)
        {
            OutputFile.Write(html, HtmlReport.Create(scenario, results));
        }

        output.Write(ConsoleReport.Create(scenario, results));
    }
}
