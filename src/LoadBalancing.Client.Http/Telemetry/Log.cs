using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>Every log message of balancing over HTTP, with ids from 40 to 59. Event ids are stable: never renumber, never reuse.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 40, EventName = "HashOnIgnored", Level = LogLevel.Warning, Message = "Service {Service}: HashOn is set, but policy {Policy} does not choose by hash; ring_hash, maglev, rendezvous, ip_hash do.")]
    public static partial void HashOnIgnored(ILogger logger, string service, string policy);

    [LoggerMessage(EventId = 41, EventName = "BudgetExhausted", Level = LogLevel.Warning, Message = "Service {Service}: the budget of retries is exhausted; {Count} attempts were not made since this was said last, and the answers at hand returned. Said every 10 s at most.")]
    public static partial void BudgetExhausted(ILogger logger, string service, long count);

    [LoggerMessage(EventId = 42, EventName = "AttemptFailed", Level = LogLevel.Debug, Message = "Service {Service}: an attempt on backend {Backend} failed: {Outcome}; sent again: {IsSentAgain}.")]
    public static partial void AttemptFailed(ILogger logger, string service, string backend, string? outcome, bool isSentAgain);

    [LoggerMessage(EventId = 45, EventName = "QueueFull", Level = LogLevel.Warning, Message = "Service {Service} is saturated: backends are at their caps, {Waiting} requests wait, and no more than {MaxQueue} may (MaxQueue). Refused since this was said last: {Count}.")]
    public static partial void QueueFull(ILogger logger, string service, int waiting, int maxQueue, int count);

    [LoggerMessage(EventId = 46, EventName = "QueueTimedOut", Level = LogLevel.Warning, Message = "Service {Service} is saturated: backends are at their caps, and a request has found no room within {Timeout} (QueueTimeout); {Waiting} others wait. Given up since this was said last: {Count}.")]
    public static partial void QueueTimedOut(ILogger logger, string service, TimeSpan timeout, int waiting, int count);
}
