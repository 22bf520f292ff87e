using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Tests.Backends;

public sealed class GrpcOutcomeTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>All codes that there are, and what surrounds them.</summary>
    [Theory]
    [InlineData("0", OutcomeKind.Succeeded, null)]
    [InlineData("1", OutcomeKind.Canceled, null)]
    [InlineData("2", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData("3", OutcomeKind.Succeeded, null)]
    [InlineData("4", OutcomeKind.Failed, "DEADLINE_EXCEEDED")]
    [InlineData("5", OutcomeKind.Succeeded, null)]
    [InlineData("6", OutcomeKind.Succeeded, null)]
    [InlineData("7", OutcomeKind.Succeeded, null)]
    [InlineData("8", OutcomeKind.Failed, "RESOURCE_EXHAUSTED")]
    [InlineData("9", OutcomeKind.Succeeded, null)]
    [InlineData("10", OutcomeKind.Succeeded, null)]
    [InlineData("11", OutcomeKind.Succeeded, null)]
    [InlineData("12", OutcomeKind.Succeeded, null)]
    [InlineData("13", OutcomeKind.Failed, "INTERNAL")]
    [InlineData("14", OutcomeKind.Failed, "UNAVAILABLE")]
    [InlineData("15", OutcomeKind.Failed, "DATA_LOSS")]
    [InlineData("16", OutcomeKind.Succeeded, null)]
    [InlineData("17", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData("4294967296", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData("-1", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData(" 0", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData("OK", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData("", OutcomeKind.Failed, "UNKNOWN")]
    [InlineData(null, OutcomeKind.Failed, "UNKNOWN")]
    public void OfStatus_EveryStatus_SaysWhetherTheBackendFailed(string? status, OutcomeKind kind, string? error)
    {
        Outcome outcome = GrpcOutcome.OfStatus(status);

        (outcome.Kind, outcome.ErrorType).ShouldBe((kind, error));
        outcome.Latency.ShouldBeNull();
    }

    [Theory]
    [InlineData("0", "OK")]
    [InlineData("5", "NOT_FOUND")]
    [InlineData("12", "UNIMPLEMENTED")]
    [InlineData("16", "UNAUTHENTICATED")]
    [InlineData("17", "UNKNOWN")]
    [InlineData("x", "UNKNOWN")]
    public void NameOf_IsThatOfTheSpecification(string status, string name) => GrpcStatus.NameOf(status).ShouldBe(name);

    /// <summary>Each is the answer to one call: five in a row are five, though they came together.</summary>
    [Fact]
    public void OfStatus_Failure_IsEvidenceOfItsOwn() =>
        Enumerable.Range(0, 18).Select(code => GrpcOutcome.OfStatus(code.ToString(CultureInfo.InvariantCulture))).ShouldAllBe(outcome => !outcome.MayBeShared);

    [Theory]
    [InlineData(400, "INTERNAL")]
    [InlineData(401, null)]
    [InlineData(403, null)]
    [InlineData(404, null)]
    [InlineData(429, "UNAVAILABLE")]
    [InlineData(500, "UNKNOWN")]
    [InlineData(502, "UNAVAILABLE")]
    [InlineData(503, "UNAVAILABLE")]
    [InlineData(504, "UNAVAILABLE")]
    [InlineData(302, "UNKNOWN")]
    [InlineData(204, "UNKNOWN")]
    public void OfHttpStatus_NoGrpcAnswer_IsMappedAsTheSpecificationSays(int status, string? error)
    {
        Outcome outcome = GrpcOutcome.OfHttpStatus(status);

        (outcome.IsFailure, outcome.ErrorType).ShouldBe((error is not null, error));
    }

    [Theory]
    [InlineData(100, null, false)] // no deadline: it was the caller
    [InlineData(100, "x", false)]
    [InlineData(1, "1S", false)] // the deadline, but the backend had less time than an attempt may take
    [InlineData(9.9, "9900m", false)]
    [InlineData(10, "10S", true)]
    [InlineData(9.95, "10S", true)] // the header was written a moment before the call was sent
    [InlineData(9, "10S", true)]
    [InlineData(8.9, "10S", false)] // the caller, before the deadline
    [InlineData(12, "10S", true)]
    [InlineData(25, "30S", false)]
    [InlineData(27, "30S", true)]
    [InlineData(11, "5S", true)] // a late cancellation: it had more time than an attempt may take
    public void OfCancellation_Deadline_CountsOnceTheBackendHadTimeEnough(double elapsedSeconds, string? timeout, bool isFailure)
    {
        Outcome outcome = GrpcOutcome.OfCancellation(TimeSpan.FromSeconds(elapsedSeconds), timeout, AttemptTimeout);

        outcome.ShouldBe(isFailure ? Outcome.Failed with { ErrorType = "DEADLINE_EXCEEDED" } : Outcome.Canceled);
    }

    [Fact]
    public void OfCancellation_NoAttemptTimeout_IsNeverAFailure() =>
        GrpcOutcome.OfCancellation(TimeSpan.FromHours(1), "1H", Timeout.InfiniteTimeSpan).ShouldBe(Outcome.Canceled);

    [Fact]
    public void OfCancellation_ShortDeadlineAndShorterAttemptTimeout_AllowsForTheTimeBefore() =>
        GrpcOutcome.OfCancellation(TimeSpan.FromMilliseconds(150), "200m", TimeSpan.FromMilliseconds(100)).IsFailure.ShouldBeTrue();

    [Theory]
    [InlineData("1H", 3600)]
    [InlineData("2M", 120)]
    [InlineData("99999999S", 99_999_999)]
    [InlineData("1500m", 1.5)]
    [InlineData("250000u", 0.25)]
    [InlineData("1000000n", 0.001)]
    [InlineData("0n", 0)]
    public void Parse_EveryUnit_IsRead(string header, double seconds) => GrpcTimeout.Parse(header).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Parse_Largest_DoesNotOverflow() => GrpcTimeout.Parse("99999999H").ShouldBe(TimeSpan.FromHours(99_999_999));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("100000000S")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    public void Parse_Nonsense_IsNone(string? header) => GrpcTimeout.Parse(header).ShouldBeNull();
}
