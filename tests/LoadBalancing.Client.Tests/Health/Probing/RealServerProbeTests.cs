using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using LoadBalancing.Client.Health.Probing;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>What http and tcp probes say about real servers.</summary>
public sealed class RealServerProbeTests
{
    [Theory]
    [InlineData(200, null, "")]
    [InlineData(204, null, "")]
    [InlineData(302, null, "302")]
    [InlineData(404, null, "404")]
    [InlineData(503, null, "503")]
    [InlineData(404, "200-299,404", "")]
    [InlineData(200, "204", "200")]
    public async Task Http_Status_DecidesByWhatIsExpected(int status, string? expected, string cause)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        ProbeResult result = await CheckAsync(server.Address, options => options.ExpectedStatuses = expected ?? options.ExpectedStatuses);

        result.Cause.ShouldBe(cause);
        result.ErrorType.ShouldBe(cause.Length == 0 ? null : cause);
        server.RequestCount.ShouldBe(1);
    }

    [Fact]
    public async Task Http_Request_HasPathQueryAndHost()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        Backend backend = new(new Uri(server.Address, "base/")) { HostName = "orders.example" };

        (await CheckAsync(backend, options => options.Path = "/health?deep=1")).IsHealthy.ShouldBeTrue();

        RecordedRequest request = server.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe("GET");
        request.RawTarget.ShouldBe("/base/health?deep=1");
        request.Host.ShouldBe($"orders.example:{server.Address.Port}");
    }

    [Fact]
    public async Task Http_PortAddressAndHost_AreUsedInPlaceOfTheBackends()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();
        Backend backend = new("http://backend.invalid:1") { HostName = "orders.example" };

        (await CheckAsync(backend, options => (options.Port, options.Address, options.Host) = (server.Address.Port, "127.0.0.1", "health.example:99"))).IsHealthy.ShouldBeTrue();

        server.Requests.ShouldHaveSingleItem().Host.ShouldBe("health.example:99");
    }

    [Theory]
    [InlineData("up", true)]
    [InlineData("down", false)]
    public async Task Http_ResponsePredicate_LooksAtTheBody(string body, bool isHealthy)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(body));

        ProbeResult result = await CheckAsync(server.Address, options => options.ResponsePredicate = async (response, token) => await response.Content.ReadAsStringAsync(token) == "up");

        result.IsHealthy.ShouldBe(isHealthy);
        result.ErrorType.ShouldBe(isHealthy ? null : "not_accepted");
    }

    [Fact]
    public async Task Http_ResponsePredicate_IsNotAskedWhenTheStatusIsWrong()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });

        (await CheckAsync(server.Address, options => options.ResponsePredicate = (_, _) => throw new InvalidOperationException())).Cause.ShouldBe("500");
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Https_WithHostName_ChecksTheCertificateForIt(HttpProtocols protocols)
    {
        using X509Certificate2 certificate = TestCertificates.CreateSelfSigned("orders.example");
        await using LoopbackServer server = await LoopbackServer.StartAsync(new LoopbackServerOptions { Certificate = certificate, Protocols = protocols });
        Backend named = new(server.Address) { HostName = "orders.example" };

        (await CheckAsync(named, Trust)).Cause.ShouldBe("");
        (await CheckAsync(server.Address, Trust)).Cause.ShouldBe("TLS failed");

        server.Requests.ShouldHaveSingleItem().TlsServerName.ShouldBe("orders.example");

        void Trust(ActiveHealthCheckOptions options) => options.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate) };
    }

    [Fact]
    public async Task Http_NobodyListens_IsRefused()
    {
        ProbeResult result = await CheckAsync(UnusedPort.Address());

        result.Cause.ShouldBe("refused");
        result.ErrorType.ShouldBe("connection_error");
    }

    [Fact]
    public async Task Http_ConnectionIsReset_Fails()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.ResetAsync);

        (await CheckAsync(server.Address)).IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public async Task Http_NotHttp_Fails()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.StartWithResponse("220 mail.example ESMTP\r\n");

        (await CheckAsync(server.Address)).Cause.ShouldBe("not HTTP");
    }

    [Fact]
    public async Task Http_ProcessDiesBetweenProbes_IsNoticedByTheNext()
    {
        LoopbackServer server = await LoopbackServer.StartAsync();
        ActiveHealthCheckOptions options = Patient();
        using HttpProbe probe = new(options);
        Backend backend = new(server.Address);
        (await probe.CheckAsync(backend, default).Soon()).IsHealthy.ShouldBeTrue();
        (await probe.CheckAsync(backend, default).Soon()).IsHealthy.ShouldBeTrue();
        server.Requests.Select(request => request.ConnectionId).Distinct().Count().ShouldBe(1);

        await server.DisposeAsync();

        (await probe.CheckAsync(backend, default).AsResult()).IsHealthy.ShouldBeFalse();
    }

    [Theory]
    [InlineData(ProbeKind.Http)]
    [InlineData(ProbeKind.Grpc)]
    public async Task Hanging_IsATimeoutOfTheBalancer(ProbeKind kind)
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);
        using ProbedPool pool = new(0, options => (options.Probe, options.Kind, options.UnhealthyThreshold) = (null, kind, 1), builder => builder.AddBackends(new Backend(server.Address) { Id = "b0" }));
        pool.Start();
        await Wait.UntilAsync(() => server.ConnectionCount > 0);

        pool.Advance(2);

        pool.IsDown("b0").ShouldBeTrue();
        pool.VerdictOf("b0").Cause.ShouldBe("timeout");
    }

    [Fact]
    public async Task Tcp_Accepts_IsHealthy()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(LoopbackTcpServer.NeverAnswerAsync);

        (await CheckTcpAsync(server.Address)).IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public async Task Tcp_Refuses_IsNot() => (await CheckTcpAsync(UnusedPort.Address())).Cause.ShouldBe("refused");

    private static Task<ProbeResult> CheckAsync(Uri address, Action<ActiveHealthCheckOptions>? configure = null) => CheckAsync(new Backend(address), configure);

    private static async Task<ProbeResult> CheckAsync(Backend backend, Action<ActiveHealthCheckOptions>? configure = null)
    {
        ActiveHealthCheckOptions options = Patient();
        configure?.Invoke(options);
        options.FindProblems().ShouldBeEmpty();
        using HttpProbe probe = new(options);
        return await probe.CheckAsync(backend, default).AsResult();
    }

    /// <summary>However slow the machine is: only the balancer's clock may end a probe here.</summary>
    private static ActiveHealthCheckOptions Patient() => new() { Interval = TimeSpan.FromMinutes(5), Timeout = TimeSpan.FromMinutes(5) };

    private static Task<ProbeResult> CheckTcpAsync(Uri address) =>
        new TcpProbe(Patient()).CheckAsync(new Backend($"tcp://{address.Host}:{address.Port}"), default).AsResult();
}

/// <summary>Probes as the balancer sees them.</summary>
internal static class ProbeOutcome
{
    public static async Task<ProbeResult> AsResult(this ValueTask<ProbeResult> check)
    {
        try
        {
            return await check.Soon();
        }
#pragma warning disable CA1031 // As the balancer does.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ProbeErrors.Describe(exception);
        }
    }
}
