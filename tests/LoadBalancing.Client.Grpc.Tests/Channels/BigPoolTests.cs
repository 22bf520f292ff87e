using System.Net;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>Hundreds of backends: one server at as many addresses.</summary>
public sealed class BigPoolTests
{
    private const int Backends = 1000;
    private const int Subset = 20;

    [LoopbackNetworkFact]
    public async Task Subset_OfAThousandBackends_LimitsConnectionsAndLosesNoCallWhileAllAreUpdated()
    {
        await using EchoServer server = await EchoServer.StartAsync("all", @interface: IPAddress.Any);
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source).UseSubset(Subset));
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        Task connecting = channel.ConnectAsync();
        await Wait.UntilAsync(() => source.Watches == 1);
        await source.PublishAsync(Describe(server, version: 0));
        await connecting.Soon();
        await Wait.UntilAsync(() => server.Loopback.OpenConnections == Subset);

        int sent = 0;
        using CancellationTokenSource enough = new();
        Task[] callers = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
                Interlocked.Increment(ref sent);
            }
        })];
        for (int version = 1; version <= 30; version++)
        {
            await source.PublishAsync(Describe(server, version));
            int until = Volatile.Read(ref sent) + 20;
            await Wait.UntilAsync(() => Volatile.Read(ref sent) >= until || callers.Any(caller => caller.IsCompleted));
        }

        await enough.CancelAsync();
        await Task.WhenAll(callers).Soon();
        server.Loopback.OpenConnections.ShouldBe(Subset);
        server.Loopback.AcceptedConnections.ShouldBe(Subset);
    }

    [LoopbackNetworkFact]
    public async Task Subset_WhileAllBackendsAreReplaced_LosesNoCall()
    {
        await using EchoServer server = await EchoServer.StartAsync("all", @interface: IPAddress.Any);
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source).UseSubset(Subset));
        Echo.EchoClient client = pool.CreateClient();
        int sent = 0;
        using CancellationTokenSource enough = new();
        Task[] callers = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
                Interlocked.Increment(ref sent);
            }
        })];
        await Wait.UntilAsync(() => source.Watches == 1);

        for (int network = 1; network <= 10; network++)
        {
            await source.PublishAsync(Describe(server, version: 0, network));
            int until = Volatile.Read(ref sent) + 20;
            await Wait.UntilAsync(() => Volatile.Read(ref sent) >= until || callers.Any(caller => caller.IsCompleted));
        }

        await enough.CancelAsync();
        await Task.WhenAll(callers).Soon();

        // Those of the networks before are closed.
        await Wait.UntilAsync(() => server.Loopback.OpenConnections == Subset);
        pool.InFlight.ShouldAllBe(count => count == 0);
    }

    private static Backend[] Describe(EchoServer server, int version, int network = 1) =>
    [
        .. Enumerable.Range(0, Backends).Select(i => new Backend($"http://127.{network}.{i / 250}.{1 + (i % 250)}:{server.Address.Port}")
        {
            Metadata = new Dictionary<string, string> { ["version"] = $"{version}" },
        }),
    ];

    /// <summary>Elsewhere, loopback is one address.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LoopbackNetworkFactAttribute : FactAttribute
    {
        public LoopbackNetworkFactAttribute()
        {
            if (!OperatingSystem.IsLinux())
            {
                Skip = "Only Linux has a whole network of loopback addresses.";
            }
        }
    }
}
