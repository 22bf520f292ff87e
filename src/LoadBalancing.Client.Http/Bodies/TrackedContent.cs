using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Http.Outcomes;

namespace LoadBalancing.Client.Http.Bodies;

/// <summary>
/// The body of a balanced response: everything that the backend's content is, plus the lease, which it completes when the body ends, fails or is disposed.
/// A response that is dropped takes this and its stream along, and so the lease, which then completes itself.
/// </summary>
internal class TrackedContent : HttpContent
{
    private const string ContentLength = "Content-Length";

    /// <summary>What <see cref="HttpResponseMessage.Content"/> gives when there is none.</summary>
    private static readonly Type NoContent = new HttpResponseMessage().Content.GetType();

    private readonly HttpContent _inner;
    private readonly BackendLease _lease;
    private readonly bool _isUpgrade;
    private bool _isComplete;
    private bool _isDisposed;

    /// <param name="inner">What the backend sent.</param>
    /// <param name="lease">The attempt. Complete, if nobody will read the content.</param>
    /// <param name="isUpgrade">Whether this is no body but a connection, for both directions.</param>
    public TrackedContent(HttpContent inner, in BackendLease lease, bool isUpgrade)
    {
        _inner = inner;
        _lease = lease;
        _isUpgrade = isUpgrade;
        foreach (KeyValuePair<string, HeaderStringValues> header in inner.Headers.NonValidated)
        {
            if (header.Value.Count == 1)
            {
                string value = header.Value.ToString();
                Headers.TryAddWithoutValidation(header.Key, value);
                if (string.Equals(header.Key, ContentLength, StringComparison.OrdinalIgnoreCase)
                    && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
                {
                    Length = length;
                }
            }
            else
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }
    }

    /// <summary>The Content-Length that was sent, or −1. Unlike the property of the headers, this computes and stores nothing.</summary>
    public long Length { get; } = -1;

    /// <summary>Whether it is known to be empty, so that nobody may care to read or dispose it.</summary>
    public bool IsEmpty => Length == 0 || _inner.GetType() == NoContent;

    /// <summary>Who sent it.</summary>
    public BackendState Backend => _lease.Backend;

    /// <summary>All attempts of the request; <see langword="null"/> when this is the answer to the first.</summary>
    public virtual IReadOnlyList<BackendAttempt>? Attempts => null;

    /// <summary>Whether the end of the stream says nothing: it goes on being written to.</summary>
    public bool IsUpgrade => _isUpgrade;

    /// <summary>What it says of the backend that the body was read to its end.</summary>
    public virtual Outcome OutcomeOfEnd => Outcome.Succeeded;

    /// <summary>What it says of the backend that the body was disposed before.</summary>
    protected virtual Outcome OutcomeOfDisposal => _isUpgrade ? Outcome.Succeeded : Outcome.Canceled;

    /// <summary>How many bytes are the whole body, so that whoever has read them need not read on to see its end; −1 where only the end tells.</summary>
    protected virtual long LengthToRead => Length;

    /// <summary>Something of the body is here.</summary>
    public virtual void OnFirstBytes()
    {
    }

    /// <summary>The body is over. Only the first call counts.</summary>
    public void Complete(in Outcome outcome)
    {
        if (!_isComplete)
        {
            _isComplete = true;
            _lease.Complete(outcome);
        }
    }

    /// <summary>Nobody wants more of the body. What fails from now on, fails because of that.</summary>
    public void CompleteDisposed(long bytes)
    {
        _isDisposed = true;

        // As a rule it is over: whatever is read to its end is disposed afterwards.
        if (!_isComplete)
        {
            Complete(OutcomeOfDisposal with { Bytes = bytes });
        }
    }

    /// <summary>Reading has failed. Completes the lease, unless it was the reader's mistake.</summary>
    /// <returns>What to throw instead, if something says it better.</returns>
    public Exception? CompleteWith(Exception exception, long bytes, CancellationToken readToken)
    {
        if (OutcomeOf(exception, readToken.IsCancellationRequested) is not { } outcome)
        {
            return null;
        }

        // Who disposes what is being read has ended it; it may be read again after it broke off.
        bool isBackends = outcome.IsFailure && !_isDisposed;
        Complete(outcome with { Bytes = bytes });
        return isBackends ? BrokenBody.Describe(exception, this, bytes, outcome.ErrorType) : null;
    }

    /// <summary>The headers were not all there was to wait for: this is how the attempt went.</summary>
    protected void Respond(in Outcome outcome) => _lease.Responded(outcome);

    /// <summary>What it says of the backend that reading the body has failed; <see langword="null"/> when that was the reader's mistake.</summary>
    protected virtual Outcome? OutcomeOf(Exception exception, bool isCanceled) => OutcomeClassifier.OfBodyException(exception, isCanceled);

    protected override bool TryComputeLength(out long length)
    {
        long? known = _inner.Headers.ContentLength;
        length = known.GetValueOrDefault();
        return known.HasValue;
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        try
        {
            return new TrackedStream(this, _inner.ReadAsStream(cancellationToken), LengthToRead);
        }
        catch (Exception exception)
        {
            if (CompleteWith(exception, 0, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        Task<Stream> opening = _inner.ReadAsStreamAsync(cancellationToken);
        return opening.IsCompletedSuccessfully
            ? Task.FromResult<Stream>(new TrackedStream(this, opening.Result, LengthToRead))
            : OpenAsync(opening, cancellationToken);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        CountingStream counting = new(stream);
        try
        {
            _inner.CopyTo(counting, context, cancellationToken);
        }
        catch (Exception exception)
        {
            if (CompleteCopy(exception, counting, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }

        Complete(OutcomeOfEnd with { Bytes = counting.Bytes });
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        CountingStream counting = new(stream);
        Task copying = _inner.CopyToAsync(counting, context, cancellationToken);
        if (!copying.IsCompletedSuccessfully)
        {
            return CopyAsync(copying, counting, cancellationToken);
        }

        Complete(OutcomeOfEnd with { Bytes = counting.Bytes });
        return Task.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        // A stream that was handed out is disposed here, and knows how much was read.
        base.Dispose(disposing);
        if (disposing)
        {
            CompleteDisposed(0);
            _inner.Dispose();
        }
    }

    private async Task<Stream> OpenAsync(Task<Stream> opening, CancellationToken cancellationToken)
    {
        try
        {
            return new TrackedStream(this, await opening.ConfigureAwait(false), LengthToRead);
        }
        catch (Exception exception)
        {
            if (CompleteWith(exception, 0, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }
    }

    private async Task CopyAsync(Task copying, CountingStream counting, CancellationToken cancellationToken)
    {
        try
        {
            await copying.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (CompleteCopy(exception, counting, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }

        Complete(OutcomeOfEnd with { Bytes = counting.Bytes });
    }

    /// <summary>A copy has failed: because of the backend, or because the place it was copied to takes no more, which is as if the caller had given up.</summary>
    /// <returns>What to throw instead, if something says it better.</returns>
    private Exception? CompleteCopy(Exception exception, CountingStream counting, CancellationToken cancellationToken)
    {
        if (!counting.HasFailed)
        {
            return CompleteWith(exception, counting.Bytes, cancellationToken);
        }

        Complete(OutcomeOfDisposal with { Bytes = counting.Bytes });
        return null;
    }
}
