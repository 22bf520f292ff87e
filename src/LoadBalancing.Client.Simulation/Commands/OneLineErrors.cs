using System.CommandLine;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary>What is wrong with a file or an argument is one line on the error stream and exit code 2; anything else that is thrown is a bug, and stays one.</summary>
internal static class OneLineErrors
{
    private const int BadInput = 2;

    public static int Guard(ParseResult result, Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (ScenarioException exception)
        {
            return Report(result.InvocationConfiguration.Error, exception.Message);
        }
    }

    /// <summary>Writes the line.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(TextWriter error, string problem)
    {
        error.WriteLine(problem);
        return BadInput;
    }
}
