namespace LoadBalancing.Client.Simulation.Commands;

/// <summary>A file that the user asked for.</summary>
internal static class OutputFile
{
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
