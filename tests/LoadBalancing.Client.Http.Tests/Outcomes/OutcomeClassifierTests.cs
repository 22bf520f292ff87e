using System.Net;
using LoadBalancing.Client.Http.Outcomes;

namespace LoadBalancing.Client.Http.Tests.Outcomes;

public sealed class OutcomeClassifierTests
{
    public static TheoryData<Exception, OutcomeKind, string?> Exceptions => new()
    {
        { new HttpRequestException(HttpRequestError.ConnectionError), OutcomeKind.ConnectFailed, "connection_error" },
        { new HttpRequestException(HttpRequestError.NameResolutionError), OutcomeKind.ConnectFailed, "name_resolution_error" },
        { new HttpRequestException(HttpRequestError.SecureConnectionError), OutcomeKind.ConnectFailed, "secure_connection_error" },
        { new HttpRequestException(HttpRequestError.ResponseEnded), OutcomeKind.Failed, "response_ended" },
        { new HttpRequestException(HttpRequestError.HttpProtocolError), OutcomeKind.Failed, "http_protocol_error" },
        { new HttpRequestException(HttpRequestError.InvalidResponse), OutcomeKind.Failed, "invalid_response" },
        { new HttpRequestException("?"), OutcomeKind.Failed, "System.Net.Http.HttpRequestException" },
        { new HttpIOException(HttpRequestError.ResponseEnded), OutcomeKind.Failed, "response_ended" },
        { new IOException(), OutcomeKind.Failed, "System.IO.IOException" },
        { new AttemptTimeoutException("orders", "a", TimeSpan.FromSeconds(1)), OutcomeKind.Failed, "timeout" },
        { new TaskCanceledException("connect", new TimeoutException()), OutcomeKind.ConnectFailed, "timeout" },
        { new OperationCanceledException(), OutcomeKind.ConnectFailed, "timeout" },
        { new HttpRequestException(HttpRequestError.UserAuthenticationError), OutcomeKind.None, null },
        { new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded), OutcomeKind.None, null },
        { new ArgumentException("x"), OutcomeKind.None, null },
        { new InvalidOperationException(), OutcomeKind.None, null },
        { new NotSupportedException(), OutcomeKind.None, null },
    };

    [Theory]
    [InlineData(HttpStatusCode.OK, OutcomeKind.Succeeded, null)]
    [InlineData(HttpStatusCode.NotFound, OutcomeKind.Succeeded, null)]
    [InlineData(HttpStatusCode.TooManyRequests, OutcomeKind.Succeeded, null)]
    [InlineData(HttpStatusCode.NotImplemented, OutcomeKind.Succeeded, null)]
    [InlineData(HttpStatusCode.InternalServerError, OutcomeKind.Failed, "500")]
    [InlineData(HttpStatusCode.BadGateway, OutcomeKind.Failed, "502")]
    [InlineData(HttpStatusCode.ServiceUnavailable, OutcomeKind.Failed, "503")]
    [InlineData(HttpStatusCode.GatewayTimeout, OutcomeKind.Failed, "504")]
    public void OfStatus_Status_SaysWhoseFaultItIs(HttpStatusCode status, OutcomeKind kind, string? errorType)
    {
        Outcome outcome = OutcomeClassifier.OfStatus(status);

        (outcome.Kind, outcome.ErrorType).ShouldBe((kind, errorType));
    }

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void OfException_Exception_SaysWhoseFaultItIs(Exception exception, OutcomeKind kind, string? errorType)
    {
        Outcome outcome = OutcomeClassifier.OfException(exception, isCallerCanceled: false);

        (outcome.Kind, outcome.ErrorType).ShouldBe((kind, errorType));
    }

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void OfException_CallerHasCanceled_IsCanceledWhateverTheException(Exception exception, OutcomeKind kind, string? errorType)
    {
        _ = (kind, errorType);
        OutcomeClassifier.OfException(exception, isCallerCanceled: true).Kind.ShouldBe(OutcomeKind.Canceled);
        OutcomeClassifier.OfBodyException(exception, isCallerCanceled: true)!.Value.Kind.ShouldBe(OutcomeKind.Canceled);
    }

    [Fact]
    public void OfBodyException_MistakeOfTheReader_SaysNothing()
    {
        OutcomeClassifier.OfBodyException(new ArgumentException("x"), isCallerCanceled: false).ShouldBeNull();
        OutcomeClassifier.OfBodyException(new ObjectDisposedException("x"), isCallerCanceled: false).ShouldBeNull();
        OutcomeClassifier.OfBodyException(new IOException(), isCallerCanceled: false)!.Value.Kind.ShouldBe(OutcomeKind.Failed);
        OutcomeClassifier.OfBodyException(new InvalidDataException(), isCallerCanceled: false)!.Value.Kind.ShouldBe(OutcomeKind.Failed);
    }
}
