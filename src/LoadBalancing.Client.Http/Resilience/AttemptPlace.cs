namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Which of the attempts of a request one is. The default value is the first.</summary>
/// <param name="Resend">How many times the request was sent before.</param>
/// <param name="IsHedge">Whether it is sent while others are at it.</param>
internal readonly record struct AttemptPlace(int Resend, bool IsHedge = false);
