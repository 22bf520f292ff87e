using System.CommandLine;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Commands;

/// <summary>What is wrong with the arguments of the tool, in one line; files and policies are looked at later.</summary>
internal static class UsageError
{
    /// <returns>The line; <see langword="null"/> when nothing is wrong.</returns>
    public static string? Find(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string? stray = result.UnmatchedTokens.Count > 0 ? result.UnmatchedTokens[0] : null;
        string? misspelt = result.CommandResult.Tokens.Select(token => token.Value).Concat(result.UnmatchedTokens).FirstOrDefault(word => word.Length > 1 && word[0] == '-');
        if (misspelt is not null)
        {
            return $"{misspelt}: unknown option; allowed: {string.Join(", ", command.Options.Select(option => option.Name).Append("--help").Distinct(StringComparer.Ordinal))}";
        }

        if (FindEmpty(result) is { } empty)
        {
            return empty;
        }

        if (command.Subcommands.Count > 0)
        {
            return result.Errors.Count == 0 ? null : $"{stray ?? "the command"}: {(stray is null ? "is missing" : "unknown command")}; allowed: {string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name))}";
        }

        if (command.Arguments.FirstOrDefault(argument => result.GetResult(argument) is not { Tokens.Count: > 0 }) is { } missing)
        {
            return $"<{missing.Name}>: is missing; must be: {Describe(result)}";
        }

        if (stray is not null)
        {
            return $"{stray}: one argument too many; must be: {Describe(result)}";
        }

        return result.Errors.Count == 0 ? null : result.Errors[0].Message;
    }

    /// <summary>An option or an argument that is there, and says nothing.</summary>
    private static string? FindEmpty(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (command.Options.FirstOrDefault(option => result.GetResult(option) is { } found && found.Tokens.Any(token => IsEmpty(token.Value))) is { } emptyOption)
        {
            return emptyOption.Name switch
            {
                "--policy" => $"--policy: is empty; must be policies, separated by commas, of {BalancerSection.PolicyNames}",
                "--seed" => $"--seed: is empty; must be a whole number from 0 to {long.MaxValue}",
                string name => $"{name}: is empty; must be the name of a file",
            };
        }

        return command.Arguments.FirstOrDefault(argument => result.GetResult(argument) is { } found && found.Tokens.Any(token => IsEmpty(token.Value))) is { } emptyArgument
            ? $"<{emptyArgument.Name}>: is empty; must be: {Describe(result)}"
            : result.Tokens.Any(token => IsEmpty(token.Value)) ? "an argument is empty; must not be there" : null;
    }

    /// <summary>A list of nothing but commas names nothing either.</summary>
    private static bool IsEmpty(string text) => text.All(character => character == ',' || char.IsWhiteSpace(character));

    private static string Describe(ParseResult result) =>
        $"{result.RootCommandResult.Command.Name} {result.CommandResult.Command.Name} {string.Join(' ', result.CommandResult.Command.Arguments.Select(argument => $"<{argument.Name}>"))} [options]";
}
