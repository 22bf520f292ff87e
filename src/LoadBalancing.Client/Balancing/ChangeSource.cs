namespace LoadBalancing.Client.Balancing;

/// <summary>Says when the builder's steps might give other options than before.</summary>
/// <param name="Subscribe">Gets what to call on a change; returns what ends it.</param>
/// <param name="ReadText">All that the steps depend on here, as it is now. The same text means that nothing has changed.</param>
internal sealed record ChangeSource(Func<Action, IDisposable> Subscribe, Func<string> ReadText);
