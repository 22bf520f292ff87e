using System.Diagnostics;
using LoadBalancing.Client.Http.Resilience;

namespace LoadBalancing.Client.Http.Telemetry;

/// <summary>The span of one attempt, from the moment it is sent to its headers or its failure. The span that .NET makes of an HTTP request is inside.</summary>
internal static class AttemptSpan
{
    private const string Name = "loadbalancing.attempt";

    private static readonly ActivitySource Source = new(LoadBalancingTelemetry.ActivitySourceName);

    /// <summary>Whether anybody listens; if not, there is no span to begin.</summary>
    public static bool HasListeners => Source.HasListeners();

    /// <summary>Begins a span, and makes it the current one.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="backend">Where the request goes.</param>
    /// <param name="place">Which attempt of the request it is.</param>
    /// <returns>The span; <see langword="null"/> when nobody wants it.</returns>
    public static Activity? Start(string service, BackendState backend, AttemptPlace place)
    {
        if (Source.CreateActivity(Name, ActivityKind.Internal) is not { } span)
        {
            return null;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag(LoadBalancingTelemetry.ServiceTag, service);
            span.SetTag(LoadBalancingTelemetry.BackendTag, backend.Id);
            span.SetTag(LoadBalancingTelemetry.PeerAddressTag, backend.Description.Address.IdnHost);
            span.SetTag(LoadBalancingTelemetry.PeerPortTag, backend.Description.Address.Port);
            if (place.Resend > 0)
            {
                span.SetTag(LoadBalancingTelemetry.ResendCountTag, place.Resend);
            }

            if (place.IsHedge)
            {
                span.SetTag(LoadBalancingTelemetry.HedgeTag, value: true);
            }
        }

        return span.Start();
    }

    /// <summary>What is sent has taken the span along; the caller of the one who sends must not find it.</summary>
    public static void Leave(Activity? span)
    {
        if (span is not null)
        {
            Activity.Current = span.Parent;
        }
    }

    /// <summary>Ends a span.</summary>
    /// <param name="span">The span, if there is one.</param>
    /// <param name="outcome">What the attempt says about its backend.</param>
    /// <param name="statusCode">The status, if there was an answer.</param>
    /// <param name="errorType">What kind of failure, if it was one.</param>
    public static void End(Activity? span, in Outcome outcome, int? statusCode, string? errorType)
    {
        if (span is null)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag(LoadBalancingTelemetry.OutcomeTag, NameOf(outcome.Kind));
            if (statusCode is { } status)
            {
                span.SetTag(LoadBalancingTelemetry.StatusCodeTag, status);
            }

            if (errorType is not null)
            {
                span.SetTag(LoadBalancingTelemetry.ErrorTypeTag, errorType);
                span.SetStatus(ActivityStatusCode.Error);
            }
        }

        span.Stop();
    }

    private static string NameOf(OutcomeKind outcome) => outcome switch
    {
        OutcomeKind.Succeeded => "succeeded",
        OutcomeKind.Failed => "failed",
        OutcomeKind.ConnectFailed => "connect_failed",
        OutcomeKind.Canceled => "canceled",
        _ => "none",
    };
}
