namespace LoadBalancing.Client.Backends;

/// <summary>Why a flag of a backend is set, since when, and what comes next. Made by the flag's owner when it sets the flag.</summary>
/// <param name="since">The timestamp at which the flag was set.</param>
/// <param name="cause">In a few words that can stand in brackets, for example <c>5 failures in a row</c>.</param>
internal sealed class Verdict(long since, string cause)
{
    private long _nextAt = long.MaxValue;

    public long Since { get; } = since;

    public string Cause { get; } = cause;

    /// <summary>What kind of evidence, in the word that metrics have for it; <see langword="null"/> where there is but one kind.</summary>
    public string? Kind { get; init; }

    /// <summary>How many times in a row it has come to this; 0 where that is not counted.</summary>
    public int Times { get; init; }

    /// <summary>What comes next, for example <c>returns</c>; <see langword="null"/> where nothing comes by itself.</summary>
    public string? NextStep { get; init; }

    /// <summary>The timestamp of the next step. The owner moves it when it knows better.</summary>
    public long NextAt
    {
        get => Volatile.Read(ref _nextAt);
        set => Volatile.Write(ref _nextAt, value);
    }
}
