using System.Net.Http.Headers;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Http.Outcomes;

namespace LoadBalancing.Client.Http.Bodies;

/// <summary>
/// The body of an answer to a gRPC call. How the call went is said by the status in the trailers, when the body has been read to its end. Its first bytes are a success, until the status says something else; its headers are not, but the
/// latency is theirs: a stream may have nothing to tell for long.
/// </summary>
/// <param name="response">What the backend sent; its trailers come with the end of the body.</param>
/// <param name="call">The call.</param>
/// <param name="lease">The attempt.</param>
/// <param name="latency">The time to the headers; <see langword="null"/> when nobody wants to know it.</param>
internal sealed class GrpcContent(HttpResponseMessage response, GrpcCall call, in BackendLease lease, TimeSpan? latency) : TrackedContent(response.Content, lease, isUpgrade: false)
{
    private bool _hasResponded;

    /// <summary>Who has read as much as was announced has not seen the trailers.</summary>
    protected override long LengthToRead => -1;

    public override Outcome OutcomeOfEnd
    {
        get
        {
            string? status = response.TrailingHeaders.NonValidated.TryGetValues(GrpcStatus.HeaderName, out HeaderStringValues values) ? values.ToString() : null;
            return WithLatency(GrpcOutcome.OfStatus(status));
        }
    }

    protected override Outcome OutcomeOfDisposal => WithLatency(call.OutcomeOfCancellation());

    public override void OnFirstBytes()
    {
        _hasResponded = true;
        Respond(Outcome.Succeeded with { Latency = latency });
    }

    protected override Outcome? OutcomeOf(Exception exception, bool isCanceled) =>
        isCanceled || GrpcOutcome.IsCancellation(exception) ? OutcomeOfDisposal : base.OutcomeOf(exception, isCanceled);

    /// <summary>A failure took until now. For anything else, and unless it was said before, what counts are the headers.</summary>
    private Outcome WithLatency(in Outcome outcome) => _hasResponded || outcome.IsFailure ? outcome : outcome with { Latency = latency };
}
