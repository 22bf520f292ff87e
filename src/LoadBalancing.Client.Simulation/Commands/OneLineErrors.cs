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
            result.InvocationConfiguration.Error.WriteLine(exception.Message);
            return BadInput;
        }
    }
}
