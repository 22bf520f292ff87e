namespace LoadBalancing.Client.Testing;

/// <summary>A source file to check.</summary>
/// <param name="Path">Relative to the project's folder, with forward slashes.</param>
/// <param name="Text">The C# text.</param>
public readonly record struct SourceFile(string Path, string Text)
{
    /// <summary>Reads all C# files of a project, but for what a build leaves behind.</summary>
    public static IReadOnlyList<SourceFile> ReadProject(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Full: path, Relative: System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .Where(file => !file.Relative.StartsWith("bin/", StringComparison.Ordinal) && !file.Relative.StartsWith("obj/", StringComparison.Ordinal))
            .OrderBy(file => file.Relative, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Relative, File.ReadAllText(file.Full))),
    ];
}
