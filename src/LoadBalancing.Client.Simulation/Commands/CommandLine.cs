using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary>The tool <c>lb-sim</c>: what it may be asked for.</summary>
internal static class CommandLine
{
    private const string Name = "lb-sim";
    private const string Example = """
        Example:
          lb-sim run scenario.json --policy round_robin,least_request --json results.json

        """;

    /// <summary>Does what the arguments say.</summary>
    /// <param name="commands">What it can do.</param>
    /// <param name="arguments">The arguments, without the tool itself.</param>
    /// <param name="output">Where it writes to; <see langword="null"/> for the console.</param>
    /// <returns>The exit code: 0; 2 for what is wrong with a file or with the arguments, which one line on the error stream says.</returns>
    public static int Invoke(IEnumerable<Command> commands, IReadOnlyList<string> arguments, InvocationConfiguration? output = null)
    {
        // Not a RootCommand, whose name is that of the assembly.
        Command root = new(Name, "Shows what a load balancing policy does with your traffic before production does.");
        HelpOption help = new();
        help.Action = new HelpWithExample((HelpAction)help.Action!, root);
        root.Add(help);
        root.Add(new VersionOption());
        foreach (Command command in commands)
        {
            root.Add(command);
        }

        // The first argument of a command line may be the tool itself, so it has to be there to be told from a file of that name.
        ParseResult result = root.Parse([Name, .. arguments], new ParserConfiguration { ResponseFileTokenReplacer = null });
        output ??= new InvocationConfiguration();
        return result.Action is not (HelpAction or HelpWithExample) && UsageError.Find(result) is { } problem
            ? OneLineErrors.Report(output.Error, problem)
            : result.Invoke(output);
    }

    /// <summary>The help of the whole tool ends with an example.</summary>
    private sealed class HelpWithExample(HelpAction help, Command root) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command == root)
            {
                parseResult.InvocationConfiguration.Output.Write(Example);
            }

            return exitCode;
        }
    }
}
