using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>What balancers log, as far as it matters: errors, which end the run, since then it is not what it should be; and advice.</summary>
internal sealed class RunLog : ILoggerFactory, ILogger
{
    /// <summary>Warnings about the configuration, and not about what happens to backends; in other words where a scenario has its own.</summary>
    private static readonly Dictionary<string, string?> Advice = new(StringComparer.Ordinal)
    {
        ["WeightsIgnored"] = null,
        ["TableTooSmall"] = null,
        ["HashKeyShared"] = null,
        ["HashMissing"] = "Requests have no keys, so a policy that chooses by hash picks at random: give the scenario some with \"keys\": { \"count\": 1000 }.",
    };

    private readonly List<string> _notices = [];

    public IReadOnlyList<string> Notices => _notices;

    /// <summary>The first error.</summary>
    public string? Error { get; private set; }

    public void Add(IEnumerable<string> notices) => _notices.AddRange(notices);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            Error ??= exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}";
        }
        else if (eventId.Name is { } name && Advice.TryGetValue(name, out string? inOtherWords) && (inOtherWords ?? formatter(state, exception)) is { } text && !_notices.Contains(text))
        {
            _notices.Add(text);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
