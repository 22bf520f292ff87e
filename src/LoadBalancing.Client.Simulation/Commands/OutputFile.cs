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
