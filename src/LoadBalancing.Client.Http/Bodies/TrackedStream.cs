namespace LoadBalancing.Client.Http.Bodies;

/// <summary>
/// The body as a stream. Passes everything through, counts what is read, and completes the lease of its owner at the end, at the first error, or when it is disposed.
/// </summary>
/// <param name="owner">Holds the lease. As long as someone reads the stream, it is alive.</param>
/// <param name="inner">What the backend sends.</param>
/// <param name="length">How much that will be, or −1. Who reads exactly this much never sees the read of zero bytes.</param>
internal sealed class TrackedStream(TrackedContent owner, Stream inner, long length) : Stream
{
    private long _bytes;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanTimeout => inner.CanTimeout;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => inner.WriteTimeout;
        set => inner.WriteTimeout = value;
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
            if (owner.CompleteWith(exception, _bytes, CancellationToken.None) is { } better)
            {
                throw better;
            }

            throw;
        }
    }

    public override int ReadByte()
    {
        byte value = 0;
        return Read(new Span<byte>(ref value)) == 1 ? value : -1;
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
            if (EndRead(exception, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }

        return reading.IsCompletedSuccessfully
            ? new ValueTask<int>(Count(reading.Result, buffer.Length))
            : AwaitReadAsync(reading, buffer.Length, cancellationToken);
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        CountingStream counting = new(destination);
        try
        {
            inner.CopyTo(counting, bufferSize);
        }
        catch (Exception exception)
        {
            if (BreakCopy(exception, counting, CancellationToken.None) is { } better)
            {
                throw better;
            }

            throw;
        }

        EndCopy(counting);
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        CountingStream counting = new(destination);
        try
        {
            await inner.CopyToAsync(counting, bufferSize, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (BreakCopy(exception, counting, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }

        EndCopy(counting);
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void WriteByte(byte value) => inner.WriteByte(value);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        inner.BeginWrite(buffer, offset, count, callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => inner.EndWrite(asyncResult);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override async ValueTask DisposeAsync()
    {
        owner.CompleteDisposed(_bytes);
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // First, so that a read that fails because of this is not taken for a failure of the backend.
            owner.CompleteDisposed(_bytes);
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int count, int wanted)
    {
        if (_bytes == 0 && count > 0)
        {
            owner.OnFirstBytes();
        }

        _bytes += count;
        if ((count == 0 && wanted > 0 && !owner.IsUpgrade) || (count > 0 && _bytes == length))
        {
            owner.Complete(owner.OutcomeOfEnd with { Bytes = _bytes });
        }

        return count;
    }

    private async ValueTask<int> AwaitReadAsync(ValueTask<int> reading, int wanted, CancellationToken cancellationToken)
    {
        try
        {
            return Count(await reading.ConfigureAwait(false), wanted);
        }
        catch (Exception exception)
        {
            if (EndRead(exception, cancellationToken) is { } better)
            {
                throw better;
            }

            throw;
        }
    }

    /// <summary>A read has failed. One that its own token canceled has ended nothing: the body may still be read, and where it may not, it is about to be disposed.</summary>
    /// <returns>What to throw instead, if something says it better.</returns>
    private Exception? EndRead(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested ? null : owner.CompleteWith(exception, _bytes, cancellationToken);

    /// <summary>All was read.</summary>
    private void EndCopy(CountingStream counting)
    {
        _bytes += counting.Bytes;
        Count(0, wanted: 1);
    }

    /// <summary>A copy has failed. When that was because of the destination, the rest may still be read.</summary>
    /// <returns>What to throw instead, if something says it better.</returns>
    private Exception? BreakCopy(Exception exception, CountingStream counting, CancellationToken cancellationToken)
    {
        _bytes += counting.Bytes;
        return counting.HasFailed ? null : owner.CompleteWith(exception, _bytes, cancellationToken);
    }
}
