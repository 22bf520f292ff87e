using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>Every log message of balancing over HTTP, with ids from 40 to 59. Event ids are stable: never renumber, never reuse.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 40, EventName = "HashOnIgnored", Level = LogLevel.Warning, Message = "Service {Service}: HashOn is set, but policy {Policy} does not choose by hash; ring_hash, maglev, rendezvous, ip_hash do.")]
    public static partial void HashOnIgnored(ILogger logger, string service, string policy);
}
