using LoadBalancing.Client.Http.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.HashKeys;

/// <summary>A key that is text already costs nothing. Alone, so that its figures are its own.</summary>
[Collection(nameof(AllocationTests))]
public sealed class HashKeyAllocationTests
{
    private const int Rounds = 10_000;

    public static TheoryData<string, bool> Places => new()
    {
        { "header", true },
        { "cookie", true },
        { "query", true },
        { "path", true },
        { "forwarded", true },
        { "all", true },
        { "missing", false },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void CreatePick_WithHashOn_AllocatesNothing(string place, bool hasKey)
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").HashOn(key => _ = place switch
        {
            "header" => key.Header("X-User"),
            "cookie" => key.Cookie("sid"),
            "query" => key.Query("id"),
            "path" => key.PathSegment(1),
            "forwarded" => key.ClientAddress(useForwardedFor: true),
            "all" => key.Header("X-None").Cookie("none").Query("none").PathSegment(9).ClientAddress().Header("X-User"),
            _ => key.Header("X-None").Cookie("none").Query("none").PathSegment(9).ClientAddress(),
        }).Build();
        using LoadBalancingHandler handler = new(balancer);
        HttpBalancingSettings settings = handler.Settings;
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/users/42?a=1&id=7");
        request.Headers.Add("X-User", "somebody");
        request.Headers.Add("Cookie", "a=1; sid=abc");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7:4711, 10.0.0.1");
        settings.Authorities.TryMatch(request.RequestUri!, out RequestTarget target).ShouldBeTrue();
        Run(settings, request, target).ShouldBe(hasKey);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(settings, request, target);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static bool Run(HttpBalancingSettings settings, HttpRequestMessage request, in RequestTarget target)
    {
        bool hasHash = true;
        for (int i = 0; i < Rounds; i++)
        {
            hasHash &= settings.CreatePick(request, target).Hash is not null;
        }

        return hasHash;
    }
}
