using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Telemetry;

/// <summary>Every log message of the engine. Event ids are stable: never renumber, never reuse.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1, EventName = "BackendsChanged", Level = LogLevel.Information, Message = "Service {Service}: {Count} backends, {Eligible} eligible; added {Added}, removed {Removed}, changed {Changed}.")]
    public static partial void BackendsChanged(ILogger logger, string service, int count, int eligible, int added, int removed, int changed);

    [LoggerMessage(EventId = 2, EventName = "NoBackends", Level = LogLevel.Warning, Message = "Service {Service}: the list of backends is empty; that is believed, and requests fail until there are some.")]
    public static partial void NoBackends(ILogger logger, string service);

    [LoggerMessage(EventId = 3, EventName = "DiscoveryFailed", Level = LogLevel.Warning, Message = "Service {Service}: discovery by {Source} failed ({Error}); its last list ({Count} backends) stays in use, and it is tried again with back-off.")]
    public static partial void DiscoveryFailed(ILogger logger, string service, string source, string error, int count);

    [LoggerMessage(EventId = 4, EventName = "DiscoveryEnded", Level = LogLevel.Warning, Message = "Service {Service}: the stream of {Source} ended; its last list ({Count} backends) stays in use, and it is watched again with back-off.")]
    public static partial void DiscoveryEnded(ILogger logger, string service, string source, int count);

    [LoggerMessage(EventId = 5, EventName = "DuplicateBackend", Level = LogLevel.Warning, Message = "Service {Service}: backend id '{Id}' is listed more than once ({Address} is ignored); ids must be unique.")]
    public static partial void DuplicateBackend(ILogger logger, string service, string id, Uri address);

    [LoggerMessage(EventId = 6, EventName = "WeightsIgnored", Level = LogLevel.Warning, Message = "Service {Service}: the backends have different weights, but {Policy} does not use them; weighted_round_robin, random and least_request do.")]
    public static partial void WeightsIgnored(ILogger logger, string service, string policy);

    [LoggerMessage(EventId = 7, EventName = "AvailabilityChanged", Level = LogLevel.Information, Message = "Service {Service}: backend {Backend}: {Change}; it is now {Unavailability}.")]
    public static partial void AvailabilityChanged(ILogger logger, string service, string backend, string change, string unavailability);

    [LoggerMessage(EventId = 8, EventName = "ConfigurationApplied", Level = LogLevel.Information, Message = "Service {Service}: changed configuration applied; policy {Policy}.")]
    public static partial void ConfigurationApplied(ILogger logger, string service, string policy);

    [LoggerMessage(EventId = 9, EventName = "ConfigurationRefused", Level = LogLevel.Error, Message = "Service {Service}: changed configuration refused, nothing was applied. {Errors}")]
    public static partial void ConfigurationRefused(ILogger logger, string service, string errors);

    [LoggerMessage(EventId = 10, EventName = "NothingEligible", Level = LogLevel.Warning, Message = "Service {Service}: none of its {Count} backends may receive requests; requests fail until one may.")]
    public static partial void NothingEligible(ILogger logger, string service, int count);

    [LoggerMessage(EventId = 11, EventName = "DiscoveryFailureDetail", Level = LogLevel.Debug, Message = "Service {Service}: discovery by {Source} failed; it is watched again in {Delay}, and may take its own time then.")]
    public static partial void DiscoveryFailureDetail(ILogger logger, Exception exception, string service, string source, TimeSpan delay);

    [LoggerMessage(EventId = 12, EventName = "CodeFailed", Level = LogLevel.Error, Message = "Service {Service}: {Subject} threw where it must not; that is a bug in it. What ran keeps running.")]
    public static partial void CodeFailed(ILogger logger, Exception exception, string service, string subject);

    [LoggerMessage(EventId = 13, EventName = "CircuitChanged", Level = LogLevel.Information, Message = "Service {Service}: the circuit of backend {Backend} went from {From} to {To}: {Cause}.")]
    public static partial void CircuitChanged(ILogger logger, string service, string backend, string from, string to, string cause);

    [LoggerMessage(EventId = 14, EventName = "ProbeFailureDetail", Level = LogLevel.Debug, Message = "Service {Service}: what the probe of backend {Backend} failed with.")]
    public static partial void ProbeFailureDetail(ILogger logger, Exception exception, string service, string backend);

    [LoggerMessage(EventId = 30, EventName = "CircuitOpened", Level = LogLevel.Warning, Message = "Service {Service}: the circuit of backend {Backend} went from {From} to open: {Cause}. It is tried again in {Break}.")]
    public static partial void CircuitOpened(ILogger logger, string service, string backend, string from, string cause, TimeSpan @break);

    [LoggerMessage(EventId = 31, EventName = "BackendFoundFailing", Level = LogLevel.Warning, Message = "Service {Service}: backend {Backend}: {Change}; it is now {Unavailability}.")]
    public static partial void BackendFoundFailing(ILogger logger, string service, string backend, string change, string unavailability);

    [LoggerMessage(EventId = 15, EventName = "SubsetTaken", Level = LogLevel.Information, Message = "Service {Service}: uses a subset of the listed backends, {Size} of each priority at most; {Outside} are left to other clients.")]
    public static partial void SubsetTaken(ILogger logger, string service, int outside, int size);

    [LoggerMessage(EventId = 20, EventName = "HashMissing", Level = LogLevel.Warning, Message = "Service {Service}: {Policy} was asked without a hash, and picks at random then. Requests that should stay with a backend need a key: over HTTP by HashOn or SetHashKey, for ip_hash by SetClientAddress or client-address:x-forwarded-for in HashOn; elsewhere by PickRequest.Hash. Said once; the metric of picks counts them.")]
    public static partial void HashMissing(ILogger logger, string service, string policy);

    [LoggerMessage(EventId = 21, EventName = "TableTooSmall", Level = LogLevel.Warning, Message = "Service {Service}: the table of {Policy} cannot serve {Count} backends, only {Places}; {Left} of them own no keys.")]
    public static partial void TableTooSmall(ILogger logger, string service, string policy, int count, int places, int left);

    [LoggerMessage(EventId = 32, EventName = "EjectionRefused", Level = LogLevel.Debug, Message = "Service {Service}: backend {Backend} is not ejected ({Cause}): as many of its tier are ejected as may be.")]
    public static partial void EjectionRefused(ILogger logger, string service, string backend, string cause);

    [LoggerMessage(EventId = 22, EventName = "HashKeyShared", Level = LogLevel.Warning, Message = "Service {Service}: several backends have the same address, for example {Address}; {Policy} tells them apart by their ids. Others who hash over these addresses, such as Envoy, may place keys differently. Said once.")]
    public static partial void HashKeyShared(ILogger logger, string service, string address, string policy);

    [LoggerMessage(EventId = 50, EventName = "ServiceLevelFell", Level = LogLevel.Warning, Message = "Service {Service}: the service level fell from {From} to {To}; {Share} of the backends' weight is eligible.")]
    public static partial void ServiceLevelFell(ILogger logger, string service, string from, string to, string share);

    [LoggerMessage(EventId = 51, EventName = "ServiceLevelRose", Level = LogLevel.Information, Message = "Service {Service}: the service level rose from {From} to {To}; {Share} of the backends' weight is eligible.")]
    public static partial void ServiceLevelRose(ILogger logger, string service, string from, string to, string share);

    [LoggerMessage(EventId = 52, EventName = "PanicBegan", Level = LogLevel.Warning, Message = "Service {Service}: priority {Priority} panics: {Eligible} of its {Count} backends are eligible, too few, so all are used, whatever health says.")]
    public static partial void PanicBegan(ILogger logger, string service, int priority, int eligible, int count);

    [LoggerMessage(EventId = 53, EventName = "PanicEnded", Level = LogLevel.Information, Message = "Service {Service}: priority {Priority} no longer panics: {Eligible} of its {Count} backends are eligible.")]
    public static partial void PanicEnded(ILogger logger, string service, int priority, int eligible, int count);
}
