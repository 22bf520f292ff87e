using System.Diagnostics.Metrics;
using Grpc.Core;
using LoadBalancing.Client.Grpc.Channels;
using LoadBalancing.Client.Grpc.Connections;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>What a channel does when code throws that is not ours: listeners of metrics, policies.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Call_WhenAListenerOfMetricsThrows_FailsAndLeavesNothingBehind()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        Echo.EchoClient client = await pool.ConnectAsync();
        using (ListenAndThrow(pool.Balancer))
        {
            await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
        }

        pool.InFlight.ShouldBe([0]);
        await pool.Balancer.DrainAsync("a", TimeSpan.Zero);

        // While a call counts, the connection stays.
        await Wait.UntilAsync(() => pool.Servers[0].Loopback.OpenConnections == 0);
    }

    [Fact]
    public async Task ConnectFailure_WhenAListenerOfMetricsThrows_IsLoggedAndNotThrown()
    {
        RecordingLog log = new();
        await using EchoPool pool = await EchoPool.StartAsync(1, balancer => balancer.UseLoggerFactory(log));
        await pool.ConnectAsync();
        using BalancedChannel channel = new(pool.Balancer, isSecure: false, new ConnectionTracker());
        using MeterListener listener = ListenAndThrow(pool.Balancer);

        channel.ReportConnectFailure(pool["a"], isTimeout: false);

        log.Of("CodeFailed").ShouldHaveSingleItem().ShouldContain(nameof(BalancedChannel.ReportConnectFailure));
    }

    [Fact]
    public async Task Call_WhenThePolicyThrowsBeforeThereIsAPicker_FailsAndIsLogged()
    {
        RecordingLog log = new();
        ThrowingPolicy policy = new();
        await using EchoPool pool = await EchoPool.StartAsync(1, balancer => balancer.UseLoggerFactory(log).UsePolicy(policy));
        Echo.EchoClient client = pool.CreateClient();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());

        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        failure.Status.Detail.ShouldContain(ThrowingPolicy.Message);
        log.Of("CodeFailed").ShouldNotBeEmpty();

        policy.IsBroken = false;
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync;
        pool.Balancer.Isolate("a");
        pool.Balancer.Restore("a");
        (await waiting.Soon()).Server.ShouldBe("a");
    }

    /// <summary>Something throws wherever a pick is counted.</summary>
    private static MeterListener ListenAndThrow(Balancer balancer)
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, balancer.Meter) && instrument is Counter<long>)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("The listener is broken."));
        listener.Start();
        return listener;
    }

    /// <summary>Cannot work with backends of whom nobody is there, as seen by a channel that is not connected yet.</summary>
    private sealed class ThrowingPolicy : LoadBalancingPolicy
    {
        public const string Message = "The policy is broken.";

        public override string Name => "throwing";

        public bool IsBroken { get; set; } = true;

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory(this, new RoundRobinPolicy().CreateFactory(context));

        private sealed class Factory(ThrowingPolicy owner, PickerFactory inner) : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends) =>
                owner.IsBroken && backends.Count > 0 && backends.Eligible.IsEmpty ? throw new InvalidOperationException(Message) : inner.CreatePicker(backends);
        }
    }
}
