using System.CommandLine;
using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Results;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary><c>lb-sim compare a.json b.json</c>: two runs side by side.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Argument<string> first = new("first") { Description = "A file that run --json has written." };
        Argument<string> second = new("second") { Description = "Another one." };
        Command command = new("compare", "Shows two runs side by side.") { first, second };
        command.SetAction(result => OneLineErrors.Guard(result, () =>
        {
            (string a, string b) = (result.GetRequiredValue(first), result.GetRequiredValue(second));
            (string nameOfA, string nameOfB) = (Path.GetFileName(a), Path.GetFileName(b));
            bool areDifferent = nameOfA != nameOfB;
            result.InvocationConfiguration.Output.Write(Comparison.Create((areDifferent ? nameOfA : a, SummaryJson.Load(a)), (areDifferent ? nameOfB : b, SummaryJson.Load(b))));
        }));
        return command;
    }
}
