using System.Net;
using LoadBalancing.Client.Http.Outcomes;

namespace LoadBalancing.Client.Http.Tests.Outcomes;

/// <summary>Which requests are gRPC calls, and what the headers of their answers tell. Calls to real servers: in the tests of LoadBalancing.Client.Grpc.</summary>
public sealed class GrpcCallTests
{
    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("Application/GRPC+json", true)]
    [InlineData("application/grpc; charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc-web-text+proto", false)]
    [InlineData("application/grpcx", false)]
    [InlineData("application/json", false)]
    public void IsGrpc_ContentType_IsGrpcButNotGrpcWeb(string type, bool expected)
    {
        using ByteArrayContent content = new([]);
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        GrpcCall.IsGrpc(content).ShouldBe(expected);
    }

    [Fact]
    public void IsGrpc_NoContentOrNoType_IsNot()
    {
        using ByteArrayContent content = new([]);

        GrpcCall.IsGrpc(content).ShouldBeFalse();
        GrpcCall.IsGrpc(null).ShouldBeFalse();
    }

    [Theory]
    [InlineData(200, "application/grpc", "0", OutcomeKind.Succeeded)]
    [InlineData(200, "application/grpc", "14", OutcomeKind.Failed)]
    [InlineData(503, "text/html", "5", OutcomeKind.Succeeded)]
    [InlineData(503, "text/html", null, OutcomeKind.Failed)]
    [InlineData(503, "application/grpc", null, OutcomeKind.Failed)]
    [InlineData(401, "text/html", null, OutcomeKind.Succeeded)]
    [InlineData(200, "text/html", null, OutcomeKind.Failed)]
    [InlineData(200, "application/grpc", null, null)]
    public void FindOutcome_Headers_SayAllOrNothing(int status, string type, string? grpcStatus, OutcomeKind? expected)
    {
        using HttpResponseMessage response = new((HttpStatusCode)status) { Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (grpcStatus is not null)
        {
            response.Headers.TryAddWithoutValidation("grpc-status", grpcStatus);
        }

        Outcome? outcome = GrpcCall.FindOutcome(response);

        outcome?.Kind.ShouldBe(expected!.Value);
        (outcome is null).ShouldBe(expected is null);
    }
}
