using System.Net;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Http.Outcomes;

/// <summary>
/// Decides, in one place, what an HTTP attempt says about its backend. See <see cref="LoadBalancingHandler"/> for the rules in words.
/// </summary>
internal static class OutcomeClassifier
{
    /// <summary>The backend did not send headers within the attempt timeout.</summary>
    public static Outcome TimedOut => Outcome.Failed with { ErrorType = Outcome.TimeoutError };

    /// <summary>The headers are here.</summary>
    public static Outcome OfStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.InternalServerError => Outcome.Failed with { ErrorType = "500" },
        HttpStatusCode.BadGateway => Outcome.Failed with { ErrorType = "502" },
        HttpStatusCode.ServiceUnavailable => Outcome.Failed with { ErrorType = "503" },
        HttpStatusCode.GatewayTimeout => Outcome.Failed with { ErrorType = "504" },
        _ => Outcome.Succeeded,
    };

    /// <inheritdoc cref="HttpOutcome.OfException"/>
    public static Outcome OfException(Exception exception, bool isCallerCanceled) =>
        !isCallerCanceled && exception is AttemptTimeoutException ? TimedOut : HttpOutcome.OfException(exception, isCallerCanceled);

    /// <inheritdoc cref="HttpOutcome.OfBodyException"/>
    public static Outcome? OfBodyException(Exception exception, bool isCallerCanceled) => HttpOutcome.OfBodyException(exception, isCallerCanceled);
}
