using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>Every log message of balancing over HTTP, with ids from 40 to 59. Event ids are stable: never renumber, never reuse.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 40, EventName = "HashOnIgnored", Level = LogLevel.Warning, Message = "Service {Service}: HashOn is set, but policy {Policy} does not choose by hash; ring_hash, maglev, rendezvous, ip_hash do.")]
    public static partial void HashOnIgnored(ILogger logger, string service, string policy);

    [LoggerMessage(EventId = 41, EventName = "BudgetExhausted", Level = LogLevel.Warning, Message = "Service {Service}: the budget of retries is exhausted; {Count} attempts were not made since this was said last, and the answers at hand returned. Said every 10 s at most.")]
    public static partial void BudgetExhausted(ILogger logger, string service, long count);
}
