using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using LoadBalancing.Client.Health.Probing;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>grpc.health.v1 by a Kestrel server that writes its answers by hand.</summary>
public sealed class GrpcProbeTests
{
    [Fact]
    public async Task Check_Serving_IsHealthyAndAsksAsTheProtocolSays()
    {
        byte[] asked = [];
        string contentType = "";
        string timeout = "";
        await using LoopbackServer server = await StartAsync(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            asked = body.ToArray();
            contentType = context.Request.ContentType ?? "";
            timeout = context.Request.Headers["grpc-timeout"].ToString();
            context.Request.Headers.TE.ToString().ShouldBe("trailers");
            await AnswerAsync(context, "0000000002" + "0801");
        });

        ProbeResult result = await CheckAsync(new Backend(server.Address), options => options.GrpcService = "orders");

        result.Cause.ShouldBe("");
        asked.ShouldBe(GrpcHealthMessage.Ask("orders"));
        contentType.ShouldBe("application/grpc");
        timeout.ShouldBe("300000m");
        RecordedRequest request = server.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe("POST");
        request.RawTarget.ShouldBe("/grpc.health.v1.Health/Check");
        request.Protocol.ShouldBe("HTTP/2");
    }

    [Theory]
    [InlineData("0000000002" + "0802", "0", "NOT_SERVING", "NOT_SERVING")]
    [InlineData("0000000000", "0", "UNKNOWN", "UNKNOWN")]
    [InlineData("", "0", "not a health answer", "invalid_response")]
    [InlineData("0000000002" + "0801", "14", "gRPC status UNAVAILABLE", "UNAVAILABLE")]
    [InlineData("0000000002" + "0801", null, "not gRPC", "invalid_response")]
    public async Task Check_OtherAnswers_AreFailures(string hex, string? status, string cause, string errorType)
    {
        await using LoopbackServer server = await StartAsync(context => AnswerAsync(context, hex, status));

        ProbeResult result = await CheckAsync(new Backend(server.Address));

        result.Cause.ShouldBe(cause);
        result.ErrorType.ShouldBe(errorType);
    }

    [Fact]
    public async Task Check_TrailersOnlyUnimplemented_IsAFailureThatSaysSo()
    {
        await using LoopbackServer server = await StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "12";
            return Task.CompletedTask;
        });

        (await CheckAsync(new Backend(server.Address))).Cause.ShouldBe("gRPC status UNIMPLEMENTED");
    }

    [Fact]
    public async Task Check_HttpError_IsItsStatus()
    {
        await using LoopbackServer server = await StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });

        (await CheckAsync(new Backend(server.Address))).Cause.ShouldBe("503");
    }

    [Fact]
    public async Task Check_OverTls_UsesTheHostName()
    {
        using X509Certificate2 certificate = TestCertificates.CreateSelfSigned("orders.example");
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            context => AnswerAsync(context, "0000000002" + "0801"), new LoopbackServerOptions { Certificate = certificate, Protocols = HttpProtocols.Http2 });

        ProbeResult result = await CheckAsync(
            new Backend(server.Address) { HostName = "orders.example" },
            options => options.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate) });

        result.Cause.ShouldBe("");
        server.Requests.ShouldHaveSingleItem().TlsServerName.ShouldBe("orders.example");
    }

    [Fact]
    public async Task Check_ServerThatSpeaksHttp1_IsAFailure()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync();

        (await CheckAsync(new Backend(server.Address))).IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public async Task Check_NobodyListens_IsRefused() => (await CheckAsync(new Backend(UnusedPort.Address()))).Cause.ShouldBe("refused");

    private static Task<LoopbackServer> StartAsync(RequestDelegate answer) =>
        LoopbackServer.StartAsync(answer, new LoopbackServerOptions { Protocols = HttpProtocols.Http2 });

    private static async Task AnswerAsync(HttpContext context, string hex, string? status = "0")
    {
        context.Response.ContentType = "application/grpc";
        if (status is not null)
        {
            context.Response.AppendTrailer("grpc-status", status);
        }

        await context.Response.StartAsync();
        await context.Response.Body.WriteAsync(Convert.FromHexString(hex));
    }

    private static async Task<ProbeResult> CheckAsync(Backend backend, Action<ActiveHealthCheckOptions>? configure = null)
    {
        ActiveHealthCheckOptions options = new() { Kind = ProbeKind.Grpc, Interval = TimeSpan.FromMinutes(5), Timeout = TimeSpan.FromMinutes(5) };
        configure?.Invoke(options);
        using GrpcProbe probe = new(options);
        return await probe.CheckAsync(backend, default).AsResult();
    }
}
