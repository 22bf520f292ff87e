namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>A body whose reads the test answers.</summary>
internal sealed class ManualStream : MemoryStream
{
    public TaskCompletionSource<int> NextRead { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool CanSeek => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await NextRead.Task.WaitAsync(cancellationToken);
}
