namespace LoadBalancing.Client.Simulation;

/// <summary>A file cannot be used, or what was asked for makes no sense. The message is one line: the file, the path within it, the value, and what is allowed.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>An exception that says nothing.</summary>
    public ScenarioException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">One line.</param>
    public ScenarioException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    /// <param name="message">One line.</param>
    /// <param name="innerException">The cause.</param>
    public ScenarioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
