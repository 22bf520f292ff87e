using System.Net.Http.Headers;
using LoadBalancing.Client.Grpc.Calls;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

public sealed class SharedHeadersTests
{
    [Fact]
    public void Share_OnThisRuntime_CopiesNothing()
    {
        using StringContent from = new("text", MediaTypeHeaderValue.Parse("application/grpc+proto"));
        using ByteArrayContent to = new([]);

        SharedHeaders.Share(from, to);

        to.Headers.ShouldBeSameAs(from.Headers);
    }

    [Fact]
    public void Copy_OfAllHeaders_IsAsGoodAsSharingThem()
    {
        using StringContent from = new("text", MediaTypeHeaderValue.Parse("application/grpc+proto"));
        from.Headers.Add("X-Two", ["a", "b"]);
        using ByteArrayContent to = new([]);

        SharedHeaders.Copy(from, to);

        to.Headers.ContentType.ShouldBe(from.Headers.ContentType);
        to.Headers.GetValues("X-Two").ShouldBe(["a", "b"]);
    }
}
