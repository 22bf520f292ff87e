using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Grpc.Calls;
using LoadBalancing.Client.Grpc.Channels;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>Requests whose place others have taken between the pick and the sending.</summary>
public sealed class RedirectionTests
{
    [Fact]
    public async Task BeginElsewhere_WhenOthersAreAlwaysQuicker_BeginsOnceTheyAreThrough()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a", MaxConcurrency = 1 }));
        BalancedChannel? balanced = null;
        using Spy spy = new(request => balanced = BalancedCall.Of(request)!.Channel);
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions { HttpHandler = spy }.UseLoadBalancing(pool.Services));
        await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        await Wait.UntilAsync(() => pool["a"].InFlight == 0);
        using HttpRequestMessage request = new(HttpMethod.Post, server.Address);
        request.Options.Set(new HttpRequestOptionsKey<bool>("WaitForReady"), true);
        OvertakingPicker picker = new(await balanced!.GetPickerAsync(tried: null, CancellationToken.None), pool.Balancer);
        picker.Pick(new PickContext { Request = request }).Type.ShouldBe(PickResultType.Complete);
        balanced.Publish(picker);

        BalancedCall call = BalancedCall.Of(request)!;
        Task beginning = Redirection.BeginElsewhereAsync(call, request, CancellationToken.None);
        beginning.IsCompleted.ShouldBeFalse();
        picker.Quicker.Complete(Outcome.Succeeded);

        await beginning.Soon();
        pool.InFlight.ShouldBe([1]);
        call.Complete(Outcome.Succeeded);
    }

    /// <summary>There is room whenever it looks, and none when the call begins.</summary>
    private sealed class OvertakingPicker(SubchannelPicker inner, Balancer balancer) : SubchannelPicker
    {
        private BackendLease _quicker;

        public BackendLease Quicker => _quicker;

        public override PickResult Pick(PickContext context)
        {
            _quicker.Complete(Outcome.Succeeded);
            PickResult result = inner.Pick(context);
            balancer.TryPick(default, out _quicker);
            return result;
        }
    }

    private sealed class Spy(Action<HttpRequestMessage> see) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            see(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
