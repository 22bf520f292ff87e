using System.Net.WebSockets;
using System.Text;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Bodies;

/// <summary>After 101, the content is a connection: it counts until its stream is disposed.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task Upgrade_Stream_GoesBothWaysAndCountsUntilItIsDisposed()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(async (connection, token) =>
        {
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
            await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"), token);
            byte[] buffer = new byte[100];
            int count = await connection.ReceiveAsync(buffer, token);
            await connection.SendAsync(buffer.AsMemory(0, count), token);
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address);
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("echo");
        using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);
        Stream stream = await response.Content.ReadAsStreamAsync();

        stream.CanWrite.ShouldBeTrue();
        await stream.WriteAsync("hello"u8.ToArray());
        await stream.FlushAsync();
        byte[] echo = new byte[5];
        await stream.ReadExactlyAsync(echo);
        (await stream.ReadAsync(new byte[10])).ShouldBe(0);
        balanced.InFlight.ShouldBe(1);
        await stream.DisposeAsync();

        Encoding.ASCII.GetString(echo).ShouldBe("hello");
        balanced.InFlight.ShouldBe(0);
        Outcome end = balanced.Policy.Completions.ShouldHaveSingleItem();
        (end.Kind, end.Bytes).ShouldBe((OutcomeKind.Succeeded, 5));
    }

    [Fact]
    public async Task Upgrade_WebSocket_IsBalanced()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(async context =>
        {
            Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature upgrade = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>()!;
            string accept = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(
                Encoding.ASCII.GetBytes(context.Request.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers["Sec-WebSocket-Accept"] = accept;
            await using Stream stream = await upgrade.UpgradeAsync();
            using WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
            byte[] buffer = new byte[100];
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address);
        using (ClientWebSocket socket = new())
        {
            await socket.ConnectAsync(new Uri("ws://orders/chat"), balanced.Invoker, CancellationToken.None);
            balanced.InFlight.ShouldBe(1);

            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            byte[] buffer = new byte[100];
            WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            Encoding.ASCII.GetString(buffer, 0, received.Count).ShouldBe("hello");
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        await balanced.ShouldBecomeIdleAsync();
    }
}
