namespace LoadBalancing.Client.Http.Bodies;

/// <summary>Writes to another stream, counts the bytes, and remembers whether that stream was what failed. Not owned: disposing this does nothing to it.</summary>
internal sealed class CountingStream(Stream destination) : Stream
{
    /// <summary>What was written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the destination threw.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override bool CanTimeout => destination.CanTimeout;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int WriteTimeout
    {
        get => destination.WriteTimeout;
        set => destination.WriteTimeout = value;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            destination.Write(buffer);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Bytes += buffer.Length;
    }

    public override void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask writing;
        try
        {
            writing = destination.WriteAsync(buffer, cancellationToken);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        if (!writing.IsCompletedSuccessfully)
        {
            return AwaitAsync(writing, buffer.Length);
        }

        Bytes += buffer.Length;
        return writing;
    }

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override void Flush() => destination.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => destination.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask AwaitAsync(ValueTask writing, int count)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Bytes += count;
    }
}
