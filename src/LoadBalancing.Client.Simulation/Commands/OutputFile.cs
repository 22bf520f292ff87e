namespace LoadBalancing.Client.Simulation.Commands;

/// <summary>A file that the user asked for.</summary>
internal static class OutputFile
{
    /// <summary>A folder for files that the user asked for; it may be there already.</summary>
    /// <exception cref="ScenarioException">It cannot be made.</exception>
    public static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>Looks for what can be seen before a run that takes its time.</summary>
    /// <param name="option">Who asks for it.</param>
    /// <param name="path">The file; <see langword="null"/> for none.</param>
    /// <exception cref="ScenarioException">It cannot be written.</exception>
    public static void Check(string option, string? path)
    {
        if (path is null)
        {
            return;
        }

        if (path == "-")
        {
            throw new ScenarioException($"{option} -: must be a file");
        }

        if (Directory.Exists(path))
        {
            throw new ScenarioException($"{option} {path}: is a folder; must be a file");
        }

        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new ScenarioException($"{option} {path}: cannot be written: there is no such folder");
        }
    }

    /// <exception cref="ScenarioException">It cannot be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be written: {exception.Message}", exception);
        }
    }
}
