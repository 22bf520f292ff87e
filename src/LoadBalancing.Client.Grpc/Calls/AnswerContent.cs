using System.Net;
using System.Net.Http.Headers;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>The body of an answer: what the backend sends, and the attempt, which ends when it does, or is disposed.</summary>
internal sealed class AnswerContent : HttpContent
{
    public const string StatusHeader = "grpc-status";

    private const string ContentType = "Content-Type";

    private readonly BalancedCall _call;
    private readonly HttpResponseMessage _response;
    private readonly HttpContent _inner;

    public AnswerContent(BalancedCall call, HttpResponseMessage response)
    {
        _call = call;
        _response = response;
        _inner = response.Content;
        SharedHeaders.Share(_inner, this);
    }

    /// <summary>Whether a body is what gRPC sends.</summary>
    public static bool IsGrpc(HttpContent content) =>
        content.Headers.NonValidated.TryGetValues(ContentType, out HeaderStringValues type) && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        Task<Stream> opening = _inner.ReadAsStreamAsync(cancellationToken);
        return opening.IsCompletedSuccessfully ? Task.FromResult<Stream>(new AnswerStream(_call, opening.Result, _response)) : OpenAsync(opening);
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new AnswerStream(_call, _inner.ReadAsStream(cancellationToken), _response);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        AnswerStream answer = new(_call, await _inner.ReadAsStreamAsync().ConfigureAwait(false), _response);
        await answer.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        // A stream that was handed out is disposed here, and knows how much was read.
        base.Dispose(disposing);
        if (disposing)
        {
            _call.Cancel(bytes: 0);
            _inner.Dispose();
        }
    }

    private async Task<Stream> OpenAsync(Task<Stream> opening) => new AnswerStream(_call, await opening.ConfigureAwait(false), _response);
}
