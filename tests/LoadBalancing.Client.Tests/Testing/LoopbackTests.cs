using System.Net;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Tests.Testing;

public sealed class LoopbackTests
{
    [Fact]
    public async Task LoopbackServer_Request_IsRecordedAsOnTheWire()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/a%2Fb?c=d%20e"));
        request.Headers.Host = "orders";

        using HttpResponseMessage response = await client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).ShouldBe("hello");
        server.Address.Host.ShouldBe("127.0.0.1");
        server.RequestCount.ShouldBe(1);
        RecordedRequest recorded = server.Requests.ShouldHaveSingleItem();
        (recorded with { ConnectionId = "" }).ShouldBe(new RecordedRequest("GET", "/a%2Fb?c=d%20e", "orders", "HTTP/1.1", null, ""));
    }

    [Fact]
    public async Task LoopbackServer_Http2WithPriorKnowledge_SpeaksHttp2()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(new() { Protocols = HttpProtocols.Http2 });
        using var client = new HttpClient();

        using HttpResponseMessage response = await client.SendAsync(Http2(server.Address));

        response.Version.ShouldBe(HttpVersion.Version20);
        server.Requests.ShouldHaveSingleItem().Protocol.ShouldBe("HTTP/2");
    }

    [Fact]
    public async Task LoopbackServer_Tls_ChecksAndRecordsTheName()
    {
        using var certificate = TestCertificates.CreateSelfSigned("orders.test");
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            new() { Protocols = HttpProtocols.Http1AndHttp2, Certificate = certificate });
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate) },
        });
        using HttpRequestMessage named = Http2(server.Address);
        named.Headers.Host = "orders.test";
        using HttpRequestMessage misnamed = Http2(server.Address);
        misnamed.Headers.Host = "other.test";

        using HttpResponseMessage response = await client.SendAsync(named);
        HttpRequestException refusal = await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(misnamed));

        refusal.HttpRequestError.ShouldBe(HttpRequestError.SecureConnectionError);
        RecordedRequest recorded = server.Requests.ShouldHaveSingleItem();
        (recorded.TlsServerName, recorded.Protocol).ShouldBe(("orders.test", "HTTP/2"));
    }

    [Fact]
    public async Task TrustOnly_AnotherCertificateOfTheSameName_IsRefused()
    {
        using var trusted = TestCertificates.CreateSelfSigned("orders.test");
        using var other = TestCertificates.CreateSelfSigned("orders.test");
        await using LoopbackServer server = await LoopbackServer.StartAsync(new() { Certificate = other });
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(trusted) },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address) { Headers = { Host = "orders.test" } };

        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(request));
    }

    [Fact]
    public async Task LoopbackServer_AbortAfter_FailsInTheBody()
    {
        var received = new TaskCompletionSource();
        await using LoopbackServer server = await LoopbackServer.StartAsync(LoopbackServer.AbortAfter("half", received.Task));
        using var client = new HttpClient();

        using HttpResponseMessage response = await client.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead);
        received.SetResult();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task LoopbackServer_AbortConnections_FailsARunningRequest()
    {
        var arrived = new TaskCompletionSource();
        await using LoopbackServer server = await LoopbackServer.StartAsync(context =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = new HttpClient();
        Task<HttpResponseMessage> request = client.GetAsync(server.Address);
        await arrived.Task;
        server.OpenConnections.ShouldBe(1);

        server.AbortConnections();

        await Should.ThrowAsync<HttpRequestException>(() => request);
    }

    [Fact]
    public async Task LoopbackServer_Stopped_RefusesUntilItIsBackOnItsPort()
    {
        LoopbackServer server = await LoopbackServer.StartAsync();
        Uri address = server.Address;
        using var client = new HttpClient();
        using HttpResponseMessage before = await client.GetAsync(address);

        await server.StopAsync();
        await server.DisposeAsync();
        HttpRequestException refusal = await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(address));
        await using LoopbackServer back = await LoopbackServer.StartAsync(new() { Port = address.Port });
        using HttpResponseMessage after = await client.GetAsync(address);

        refusal.HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
        back.RequestCount.ShouldBe(1);
    }

    [Fact]
    public async Task LoopbackTcpServer_HalfAResponse_FailsTheRequest()
    {
        await using var server = LoopbackTcpServer.StartWithResponse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        using var client = new HttpClient();

        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(server.Address));

        server.ConnectionCount.ShouldBe(1);
    }

    [Fact]
    public async Task LoopbackTcpServer_Reset_FailsTheRequest()
    {
        await using var server = LoopbackTcpServer.Start(LoopbackTcpServer.ResetAsync);
        using var client = new HttpClient();

        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(server.Address));
    }

    [Fact]
    public async Task LoopbackTcpServer_NeverAnswers_RequestWaitsUntilTheServerIsDisposed()
    {
        var server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using var client = new HttpClient();
        Task<HttpResponseMessage> request = client.GetAsync(server.Address);
        request.IsCompleted.ShouldBeFalse();

        await server.DisposeAsync();

        await Should.ThrowAsync<HttpRequestException>(() => request);
    }

    [Fact]
    public async Task UnusedPort_Address_RefusesConnections()
    {
        using var client = new HttpClient();

        HttpRequestException refusal = await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(UnusedPort.Address()));

        refusal.HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }

    private static HttpRequestMessage Http2(Uri address) => new(HttpMethod.Get, address)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
