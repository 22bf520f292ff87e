using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>The real client, the real server and generated code work together on top of the stand-ins.</summary>
public sealed class GeneratedCodeTests
{
    [Fact]
    public async Task Calls_OfEveryKind_AreAnswered()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        Echo.EchoClient client = new(channel);
        server.EndStreams();

        (await client.UnaryAsync(new EchoRequest { Text = "one" })).ShouldBe(new EchoReply { Text = "one", Server = "a" });
        client.Unary(new EchoRequest { Text = "blocking" }).Text.ShouldBe("blocking");

        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect();
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "two" });
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "three" });
        await collect.RequestStream.CompleteAsync();
        (await collect).Text.ShouldBe("two three");

        using AsyncServerStreamingCall<EchoReply> watch = client.Watch(new EchoRequest { Text = "four" });
        (await watch.ResponseStream.ReadAllAsync().ToListAsync()).ShouldHaveSingleItem().Text.ShouldBe("four");
        watch.GetStatus().StatusCode.ShouldBe(StatusCode.OK);

        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        await chat.RequestStream.WriteAsync(new EchoRequest { Text = "five" });
        (await chat.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        chat.ResponseStream.Current.Text.ShouldBe("five");
        await chat.RequestStream.CompleteAsync();
        (await chat.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Call_ThatFails_HasStatusAndTrailers()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        server.BeforeAnswer = context => throw new RpcException(
            new Status(StatusCode.FailedPrecondition, $"{context.Method} {context.RequestHeaders.GetValue("x-user")}"),
            new Metadata { { "reason", "test" }, { "reason-bin", new byte[] { 1, 2 } } });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        Echo.EchoClient client = new(channel);

        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest(), new Metadata { { "X-User", "ann" } }));

        failure.Status.ShouldBe(new Status(StatusCode.FailedPrecondition, "/loadbalancing.tests.Echo/Unary ann"));
        failure.Trailers.GetValue("reason").ShouldBe("test");
        failure.Trailers.GetValueBytes("reason-bin").ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Call_WithCredentialsAndCompression_CarriesBoth()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        string? authorization = null;
        server.BeforeAnswer = context =>
        {
            authorization = context.RequestHeaders.GetValue("authorization");
            return Task.CompletedTask;
        };
        CallCredentials credentials = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("authorization", "Bearer test");
            return Task.CompletedTask;
        });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, credentials),
            UnsafeUseInsecureChannelCallCredentials = true,
        });
        Echo.EchoClient client = new(channel);

        EchoReply reply = await client.UnaryAsync(new EchoRequest { Text = new string('x', 10_000) }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });

        reply.Text.Length.ShouldBe(10_000);
        authorization.ShouldBe("Bearer test");
    }
}
