using System.Net;
using System.Text;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Http.Tests.Routing;

public sealed class RewritingTests
{
    [Theory]
    [InlineData("http://10.0.0.1:8080", "http://orders/items?x=1", "http://10.0.0.1:8080/items?x=1")]
    [InlineData("http://10.0.0.1:8080/base", "http://orders/items", "http://10.0.0.1:8080/base/items")]
    [InlineData("http://10.0.0.1:8080/base/", "http://orders/", "http://10.0.0.1:8080/base/")]
    [InlineData("https://10.0.0.1", "http://orders/items", "https://10.0.0.1/items")]
    [InlineData("tcp://10.0.0.1:8080", "https://orders/items", "https://10.0.0.1:8080/items")]
    [InlineData("tcp://10.0.0.1:8080", "http://orders/items", "http://10.0.0.1:8080/items")]
    [InlineData("tcp://10.0.0.1:80", "http://orders/items", "http://10.0.0.1/items")]
    [InlineData("http://[::1]:8080", "http://orders/items", "http://[::1]:8080/items")]
    public async Task SendAsync_Request_GoesToTheBackend(string address, string uri, string expected)
    {
        StubHandler stub = new();
        using BalancedClient balanced = BalancedClient.Create(stub, new Backend(address));
        using HttpRequestMessage request = new(HttpMethod.Get, uri);

        using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);

        stub.Uri!.OriginalString.ShouldBe(expected);
        request.RequestUri!.OriginalString.ShouldBe(uri);
        response.GetBackend()!.Id.ShouldBe(balanced.Balancer.Backends[0].Id);
    }

    [Theory]
    [InlineData("http://10.0.0.1:8080", "orders.prod.svc", null, "orders.prod.svc:8080")]
    [InlineData("http://10.0.0.1:80", "orders.prod.svc", null, "orders.prod.svc")]
    [InlineData("https://10.0.0.1:443", "orders.prod.svc", null, "orders.prod.svc")]
    [InlineData("https://10.0.0.1:80", "orders.prod.svc", null, "orders.prod.svc:80")]
    [InlineData("http://10.0.0.1:8080", "orders.prod.svc:99", null, "orders.prod.svc:99")]
    [InlineData("http://10.0.0.1:8080", "orders.prod.svc", "mine", "mine")]
    [InlineData("http://10.0.0.1:8080", null, null, null)]
    [InlineData("http://10.0.0.1:8080", null, "mine", "mine")]
    public async Task SendAsync_Host_IsTheCallersThenTheBackends(string address, string? hostName, string? callers, string? expected)
    {
        StubHandler stub = new();
        using BalancedClient balanced = BalancedClient.Create(stub, new Backend(address) { HostName = hostName });
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        request.Headers.Host = callers;

        using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);

        stub.Host.ShouldBe(expected);
        request.Headers.Host.ShouldBe(callers);
    }

    [Fact]
    public async Task SendAsync_BackendWithNewDescription_UsesIt()
    {
        StubHandler stub = new();
        ListSource source = new([new Backend("http://10.0.0.1:8080") { HostName = "before" }]);
        using Balancer balancer = new BalancerBuilder("orders").AddSource(source).Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, stub));
        using HttpResponseMessage first = await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None);
        stub.Host.ShouldBe("before:8080");

        source.Publish([new Backend("http://10.0.0.1:8080") { HostName = "after" }]);
        for (int i = 0; i < 5_000 && balancer.Backends[0].Description.HostName != "after"; i++)
        {
            await Task.Delay(1);
        }

        using HttpResponseMessage second = await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None);
        stub.Host.ShouldBe("after:8080");
    }

    [Fact]
    public async Task SendAsync_ForeignAuthority_PassesThroughUntouched()
    {
        StubHandler stub = new();
        using BalancedClient balanced = BalancedClient.Create(stub, new Backend("http://10.0.0.1:8080") { HostName = "orders.prod.svc" });
        Uri foreign = new("http://elsewhere.example/items");
        using HttpRequestMessage request = new(HttpMethod.Post, foreign);

        using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);
        using HttpResponseMessage again = balanced.Invoker.Send(request, CancellationToken.None);

        stub.Uri.ShouldBeSameAs(foreign);
        stub.Host.ShouldBeNull();
        stub.Content.ShouldBeNull();
        response.GetBackend().ShouldBeNull();
        response.Content.ShouldBeOfType<StringContent>();
        balanced.Policy.Reports.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("PATCH", true)]
    [InlineData("QUERY", true)]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    [InlineData("OPTIONS", false)]
    [InlineData("CONNECT", false)]
    public async Task SendAsync_NoContent_GetsAnEmptyOneWhereResendingIsNotSafe(string method, bool expected)
    {
        StubHandler stub = new();
        using BalancedClient balanced = BalancedClient.Create(stub, new Backend("http://10.0.0.1:8080"));
        using HttpRequestMessage request = new(new HttpMethod(method), "http://orders/");

        using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);

        (stub.Content is not null).ShouldBe(expected);
        request.Content.ShouldBeNull();
    }

    [Fact]
    public async Task SendAsync_PostWithoutContent_IsNotResentOnADyingConnection()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(async (connection, token) =>
        {
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
            await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), token);

            // The second request on this connection is never answered.
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
        });
        using BalancedClient balanced = BalancedClient.Create(server.Address);
        using HttpResponseMessage first = await balanced.Client.GetAsync("/");

        await Should.ThrowAsync<HttpRequestException>(() => balanced.Client.PostAsync("/", content: null));

        server.ConnectionCount.ShouldBe(1);
        balanced.InFlight.ShouldBe(0);
        balanced.Policy.Responses[^1].Kind.ShouldBe(OutcomeKind.Failed);
    }

    [Fact]
    public async Task SendAsync_Throws_RestoresTheRequest()
    {
        StubHandler stub = new((_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError));
        StubHandler late = new(async (_, _) =>
        {
            await Task.Yield();
            throw new HttpRequestException(HttpRequestError.ConnectionError);
        });
        foreach (StubHandler inner in new[] { stub, late })
        {
            using BalancedClient balanced = BalancedClient.Create(inner, new Backend("http://10.0.0.1:8080") { HostName = "orders.prod.svc" });
            using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/x");

            await Should.ThrowAsync<HttpRequestException>(() => balanced.Invoker.SendAsync(request, CancellationToken.None));
            Should.Throw<HttpRequestException>(() => balanced.Invoker.Send(request, CancellationToken.None));

            request.RequestUri!.OriginalString.ShouldBe("http://orders/x");
            request.Headers.Host.ShouldBeNull();
            request.Content.ShouldBeNull();
            balanced.InFlight.ShouldBe(0);
            balanced.Policy.Responses.Count.ShouldBe(2);
            balanced.Policy.Responses.ShouldAllBe(outcome => outcome.Kind == OutcomeKind.ConnectFailed && outcome.ErrorType == "connection_error");
        }
    }

    [Theory]
    [InlineData("/a%2Fb?c=d%20e%41")]
    [InlineData("/plain/path?x=1")]
    [InlineData("/a//b/%2e%2e/c")]
    public async Task SendAsync_Target_ArrivesAsFromABareClient(string target)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using HttpClient bare = new();
        using BalancedClient balanced = BalancedClient.Create(server.Address);

        using HttpResponseMessage expected = await bare.GetAsync(new Uri(server.Address, target));
        using HttpResponseMessage actual = await balanced.Client.GetAsync(target);
        using HttpResponseMessage blocking = balanced.Client.Send(new HttpRequestMessage(HttpMethod.Get, target));

        server.Requests.Select(request => request.RawTarget).Distinct().ShouldHaveSingleItem();
        server.RequestCount.ShouldBe(3);
    }

    [Fact]
    public async Task SendAsync_UriWithoutCanonicalization_ArrivesByteForByte()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        using BalancedClient balanced = BalancedClient.Create(new SocketsHttpHandler(), new Backend(new Uri(server.Address, "/base")));
        Uri uri = new("http://orders/%41/../b?%42", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        using HttpResponseMessage response = await balanced.Client.GetAsync(uri);

        server.Requests.ShouldHaveSingleItem().RawTarget.ShouldBe("/base/%41/../b?%42");
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task SendAsync_Tls_ChecksTheCertificateAgainstTheHostName(HttpProtocols protocols)
    {
        using var certificate = TestCertificates.CreateSelfSigned("orders.test");
        await using LoopbackServer server = await LoopbackServer.StartAsync(new() { Protocols = protocols, Certificate = certificate });
        SocketsHttpHandler inner = new() { SslOptions = { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate) } };
        using BalancedClient balanced = BalancedClient.Create(inner, new Backend(server.Address) { HostName = "orders.test" });
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/x")
        {
            Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using HttpResponseMessage response = await balanced.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        RecordedRequest recorded = server.Requests.ShouldHaveSingleItem();
        recorded.TlsServerName.ShouldBe("orders.test");
        recorded.Host.ShouldBe($"orders.test:{server.Address.Port}");
        balanced.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_TlsWithoutHostName_IsAConnectFailure()
    {
        using var certificate = TestCertificates.CreateSelfSigned("orders.test");
        await using LoopbackServer server = await LoopbackServer.StartAsync(new() { Certificate = certificate });
        SocketsHttpHandler inner = new() { SslOptions = { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate) } };
        using BalancedClient balanced = BalancedClient.Create(inner, new Backend(server.Address));

        await Should.ThrowAsync<HttpRequestException>(() => balanced.Client.GetAsync("/"));

        Outcome outcome = balanced.Policy.Responses.ShouldHaveSingleItem();
        (outcome.Kind, outcome.ErrorType).ShouldBe((OutcomeKind.ConnectFailed, "secure_connection_error"));
    }
}
