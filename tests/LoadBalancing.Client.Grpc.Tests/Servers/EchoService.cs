using Grpc.Core;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>Answers with the name of its server and the text of the call, unless the server has been told to do something else. A stream of answers alone goes on until it is canceled or the server ends it.</summary>
internal sealed class EchoService(EchoServer server) : Echo.EchoBase
{
    public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
    {
        await server.OnCallAsync(context);
        return Reply(request.Text);
    }

    public override async Task<EchoReply> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        List<string> texts = [];
        await foreach (EchoRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            texts.Add(request.Text);
        }

        await server.OnCallAsync(context);
        return Reply(string.Join(' ', texts));
    }

    public override async Task Watch(EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(Reply(request.Text), context.CancellationToken);
        await server.EndOfStreams.WaitAsync(context.CancellationToken);
        await server.OnCallAsync(context);
    }

    public override async Task Chat(IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        await foreach (EchoRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Reply(request.Text), context.CancellationToken);
        }

        await server.OnCallAsync(context);
    }

    private EchoReply Reply(string text) => new() { Text = text, Server = server.Name };
}
