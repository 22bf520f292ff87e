namespace LoadBalancing.Client.Simulation;

/// <summary>A file cannot be used, or what was asked for makes no sense. The message is one line: the file, the path within it, the value, and what is allowed.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>An exception that says nothing.</summary>
    public ScenarioException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">One line; what would begin another becomes a space.</param>
    public ScenarioException(string message)
        : base(OnOneLine(message))
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    /// <param name="message">One line; what would begin another becomes a space.</param>
    /// <param name="innerException">The cause.</param>
    public ScenarioException(string message, Exception innerException)
        : base(OnOneLine(message), innerException)
    {
    }

    /// <summary>Names and values of the file may have any characters, and a terminal obeys some of them.</summary>
    private static string OnOneLine(string message) => string.Create(message.Length, message, static (line, message) =>
    {
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(message[i]) || message[i] is '\u2028' or '\u2029' ? ' ' : message[i];
        }
    });
}
