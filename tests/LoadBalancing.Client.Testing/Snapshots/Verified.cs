using System.Runtime.CompilerServices;
using Shouldly;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// Snapshot tests with the file habit of the Verify library: the approved text is kept in <c>Tests.Method.verified.txt</c>
/// beside the test's source file, and a text that differs is written to <c>Tests.Method.received.txt</c>.
/// </summary>
public static class Verified
{
    /// <summary>Set to <c>1</c>, this environment variable approves every text instead of comparing it.</summary>
    public const string UpdateVariable = "UPDATE_VERIFIED";

    /// <summary>Compares a text with the approved one; line ends and those at the end of the text do not matter.</summary>
    /// <param name="actual">The text.</param>
    /// <param name="variant">Tells several texts of one test apart: <c>Tests.Method_variant.verified.txt</c>.</param>
    /// <param name="sourceFile">Given by the compiler.</param>
    /// <param name="method">Given by the compiler.</param>
    /// <exception cref="ShouldAssertException">The texts differ, or none was approved yet.</exception>
    public static void Match(
        string actual,
        string? variant = null,
        [CallerFilePath] string sourceFile = "",
        [CallerMemberName] string method = "")
    {
        ArgumentNullException.ThrowIfNull(actual);
        string source = Repository.ResolveSourcePath(sourceFile);
        string name = $"{Path.GetFileNameWithoutExtension(source)}.{method}{(variant is null ? "" : "_" + variant)}";
        bool update = Environment.GetEnvironmentVariable(UpdateVariable) == "1";
        MatchFile(actual, Path.Combine(Path.GetDirectoryName(source)!, name), update);
    }

    /// <summary>The same for a path without <c>.verified.txt</c>.</summary>
    internal static void MatchFile(string actual, string path, bool update)
    {
        string verifiedPath = path + ".verified.txt";
        string receivedPath = path + ".received.txt";
        string received = Normalize(actual);
        string verified = File.Exists(verifiedPath) ? Normalize(File.ReadAllText(verifiedPath)) : "";
        if (update)
        {
            File.WriteAllText(verifiedPath, received);
        }
        else if (received != verified || !File.Exists(verifiedPath))
        {
            File.WriteAllText(receivedPath, received);
            throw new ShouldAssertException(
                $"""
                The text is not as in {verifiedPath} (- verified, + received):

                {LineDiff.Describe(verified, received)}

                If the change is meant, run the test with {UpdateVariable}=1, or move
                {receivedPath}
                over it, and commit the file.
                """);
        }

        File.Delete(receivedPath);
    }

    private static string Normalize(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
}
