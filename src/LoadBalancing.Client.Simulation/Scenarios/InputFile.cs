using System.Text;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>A text file that the user has named.</summary>
internal static class InputFile
{
    /// <summary>A scenario of ten thousand backends, each with events of its own, has less; what has more is some other file.</summary>
    private const int MostCharacters = 32 * 1024 * 1024;

    /// <exception cref="ScenarioException">The file cannot be read, or is too long.</exception>
    public static string Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new ScenarioException($"{path}: cannot be read: it is a folder");
        }

        try
        {
            using StreamReader reader = new(path);
            char[] buffer = new char[4096];
            StringBuilder text = new();
            while (reader.Read(buffer) is > 0 and int count)
            {
                text.Append(buffer, 0, count);
                if (text.Length > MostCharacters)
                {
                    throw new ScenarioException(FormattableString.Invariant($"{path}: is too long: must have at most {MostCharacters} characters"));
                }
            }

            return text.ToString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be read: {exception.Message}", exception);
        }
    }
}
