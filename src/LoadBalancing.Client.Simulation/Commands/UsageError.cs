using System.CommandLine;

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

        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            return "an argument is empty; must be the name of something";
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

    private static string Describe(ParseResult result) =>
        $"{result.RootCommandResult.Command.Name} {result.CommandResult.Command.Name} {string.Join(' ', result.CommandResult.Command.Arguments.Select(argument => $"<{argument.Name}>"))} [options]";
}
