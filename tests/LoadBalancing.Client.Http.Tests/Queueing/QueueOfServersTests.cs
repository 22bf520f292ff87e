using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Queueing;

/// <summary>The queue in front of real servers.</summary>
public sealed class QueueOfServersTests
{
    [Fact]
    public async Task SendAsync_CapAndFullQueue_ServerSeesOneAtATimeInOrderAndNothingOfTheRefused()
    {
        using SemaphoreSlim answers = new(0);
        int running = 0;
        int most = 0;
        await using LoopbackServer server = await LoopbackServer.StartAsync(async context =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await answers.WaitAsync(context.RequestAborted);
            Interlocked.Decrement(ref running);
            await context.Response.WriteAsync("served");
        });
        using BalancedClient client = BalancedClient.Create(
            new SocketsHttpHandler { UseProxy = false }, builder => builder.UseQueue(9, TimeSpan.FromDays(1)), new Backend(server.Address) { MaxConcurrency = 1 });

        Task<string>[] sending = [.. Enumerable.Range(0, 10).Select(i => client.Client.GetStringAsync($"/{i}"))];
        for (int i = 0; i < 20; i++)
        {
            (await Should.ThrowAsync<NoBackendAvailableException>(() => client.Client.GetStringAsync("/refused"))).IsSaturated.ShouldBeTrue();
        }

        answers.Release(10);
        (await Task.WhenAll(sending)).ShouldAllBe(body => body == "served");
        server.Requests.Select(request => request.RawTarget).ShouldBe([.. Enumerable.Range(0, 10).Select(i => $"/{i}")]);
        most.ShouldBe(1);
        server.OpenConnections.ShouldBeLessThanOrEqualTo(1);
        await client.ShouldBecomeIdleAsync();
        RequestLine.Of(client.Balancer).Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_BodyIsNotReadYet_HoldsThePlace()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("served"));
        using BalancedClient client = BalancedClient.Create(
            new SocketsHttpHandler { UseProxy = false }, builder => builder.UseQueue(1, TimeSpan.FromDays(1)), new Backend(server.Address) { MaxConcurrency = 1 });
        HttpResponseMessage first = await client.Client.GetAsync("/first", HttpCompletionOption.ResponseHeadersRead);

        Task<string> second = client.Client.GetStringAsync("/second");

        RequestLine.Of(client.Balancer).Waiting.ShouldBe(1);
        first.Dispose();
        (await second).ShouldBe("served");
        await client.ShouldBecomeIdleAsync();
    }
}
