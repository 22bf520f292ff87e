using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>Passes on what the backend sends, and ends the attempt with the status in the trailers, at the first error, or when it is disposed before.</summary>
internal sealed class AnswerStream(BalancedCall call, Stream inner, HttpResponseMessage response) : Stream
{
    private long _bytes;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(inner.Read(buffer), buffer.Length);
        }
        catch (Exception exception)
        {
            call.FailBody(exception, isCanceled: false, _bytes);
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> reading;
        try
        {
            reading = inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception)
        {
            call.FailBody(exception, cancellationToken.IsCancellationRequested, _bytes);
            throw;
        }

        return reading.IsCompletedSuccessfully ? new ValueTask<int>(Count(reading.Result, buffer.Length)) : AwaitAsync(reading, buffer.Length, cancellationToken);
    }

    public override void Flush()
    {
        // Nothing is ever written.
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // First, so that a read that fails because of this is not taken for a failure of the backend.
            call.Cancel(_bytes);
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Reads that wait are the ordinary case, and each would allocate what it waits with.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, int wanted, CancellationToken cancellationToken)
    {
        try
        {
            return Count(await reading.ConfigureAwait(false), wanted);
        }
        catch (Exception exception)
        {
            call.FailBody(exception, cancellationToken.IsCancellationRequested, _bytes);
            throw;
        }
    }

    private int Count(int count, int wanted)
    {
        if (count > 0)
        {
            if (_bytes == 0)
            {
                call.Respond();
            }

            _bytes += count;
        }
        else if (wanted > 0)
        {
            // The end of the body: by now the trailers are here.
            string? status = response.TrailingHeaders.NonValidated.TryGetValues(AnswerContent.StatusHeader, out HeaderStringValues values) ? values.ToString() : null;
            call.Complete(GrpcOutcome.OfStatus(status) with { Bytes = _bytes });
        }

        return count;
    }
}
