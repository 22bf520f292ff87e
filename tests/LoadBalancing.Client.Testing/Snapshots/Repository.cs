namespace LoadBalancing.Client.Testing;

/// <summary>Finds files of the working copy from within a test.</summary>
public static class Repository
{
    private const string SolutionFile = "LoadBalancing.Client.sln";

    // What a deterministic build writes in place of the root of the working copy.
    private const string DeterministicRoot = "/_/";

    private static readonly Lazy<string> LazyRoot = new(FindRoot);

    /// <summary>The folder that holds the solution file.</summary>
    public static string Root => LazyRoot.Value;

    /// <summary>The real path of a source file as <c>[CallerFilePath]</c> gives it, which a deterministic build changes.</summary>
    public static string ResolveSourcePath(string callerFilePath)
    {
        ArgumentNullException.ThrowIfNull(callerFilePath);
        return callerFilePath.StartsWith(DeterministicRoot, StringComparison.Ordinal)
            ? Path.Combine(Root, callerFilePath[DeterministicRoot.Length..])
            : callerFilePath;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {SolutionFile}.");
    }
}
