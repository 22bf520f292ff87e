using System.Net;
using System.Net.Http.Headers;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Answers unary gRPC calls with a message of 64 bytes. Below it is what a channel looks for, and never used.</summary>
internal sealed class ShortCircuit(bool isLater) : DelegatingHandler(new SocketsHttpHandler())
{
    private const int MessageSize = 64;

    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");
    private static readonly byte[] Body = [0, 0, 0, 0, MessageSize, .. new byte[MessageSize]];

    private bool _counts = true;

    /// <summary>The calls by host and port, until <see cref="StopCounting"/>.</summary>
    public Dictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    public void StopCounting() => _counts = false;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_counts)
        {
            string place = request.RequestUri!.Authority;
            Calls[place] = Calls.GetValueOrDefault(place) + 1;
        }

        return isLater ? AnswerLaterAsync(request) : Task.FromResult(Answer(request, new ByteArrayContent(Body)));
    }

    /// <summary>On another turn of the thread pool, as a socket does.</summary>
    private static async Task<HttpResponseMessage> AnswerLaterAsync(HttpRequestMessage request)
    {
        await Task.Yield();
        return Answer(request, new StreamContent(new LaterStream()));
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, HttpContent content)
    {
        Task sending = request.Content!.CopyToAsync(Stream.Null);
        if (!sending.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("A unary call is written at once.");
        }

        content.Headers.ContentType = Grpc;
        HttpResponseMessage response = new(HttpStatusCode.OK)
        {
            Version = HttpVersion.Version20,
            RequestMessage = request,
            Content = content,
        };
        response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
        return response;
    }

    /// <summary>Its first read completes later.</summary>
    private sealed class LaterStream() : MemoryStream(Body, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == 0 ? ReadLaterAsync(buffer) : new ValueTask<int>(Read(buffer.Span));

        private async ValueTask<int> ReadLaterAsync(Memory<byte> buffer)
        {
            await Task.Yield();
            return Read(buffer.Span);
        }
    }
}
