namespace LoadBalancing.Client.Http.Tests.Storms;

/// <summary>How a request went.</summary>
/// <param name="Started">When it was sent, from the start of the traffic.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="IsSuccess">Whether it succeeded.</param>
internal readonly record struct Answer(TimeSpan Started, TimeSpan Duration, bool IsSuccess);
