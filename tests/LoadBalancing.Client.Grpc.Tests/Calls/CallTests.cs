using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>Calls of every kind over real connections: how long they count.</summary>
public sealed class CallTests
{
    [Theory]
    [Servers(ServerKind.AspNetCore, false)]
    [Servers(ServerKind.AspNetCore, true)]
    [Servers(ServerKind.GrpcJs, false)]
    [Servers(ServerKind.GrpcJs, true)]
    public async Task Calls_OfEveryKind_CountUntilTheyEnd(ServerKind kind, bool hasTls)
    {
        using var certificate = hasTls ? TestCertificates.CreateSelfSigned("orders.example") : null;
        await using BalancedPool pool = await BalancedPool.StartAsync(kind, 1, certificate: certificate);
        Echo.EchoClient client = pool.CreateClient();

        (await client.UnaryAsync(new EchoRequest { Text = "one" }).ResponseAsync.Soon()).ShouldBe(new EchoReply { Text = "one", Server = "a" });
        pool.InFlight.ShouldBe([0]);

        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect();
        await collect.ResponseHeadersAsync.Soon();
        pool.InFlight.ShouldBe([1]);
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "two" }).Soon();
        await collect.RequestStream.CompleteAsync().Soon();
        (await collect.ResponseAsync.Soon()).Text.ShouldBe("two");
        pool.InFlight.ShouldBe([0]);

        using AsyncServerStreamingCall<EchoReply> watch = client.Watch(new EchoRequest { Text = "three" });
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        pool.InFlight.ShouldBe([1]);
        await pool.Peers[0].EndStreamsAsync();
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        pool.InFlight.ShouldBe([0]);

        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        await chat.RequestStream.WriteAsync(new EchoRequest { Text = "four" }).Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        chat.ResponseStream.Current.Text.ShouldBe("four");
        pool.InFlight.ShouldBe([1]);
        await chat.RequestStream.CompleteAsync().Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        pool.InFlight.ShouldBe([0]);
    }

    [Fact]
    public async Task BlockingCall_ThroughABalancedChannel_IsAnswered()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        Echo.EchoClient client = pool.CreateClient();

        (await Task.Run(() => client.Unary(new EchoRequest { Text = "hello" })).Soon()).Server.ShouldBe("a");
        pool.InFlight.ShouldBe([0]);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore, true)]
    [Servers(ServerKind.AspNetCore, false)]
    [Servers(ServerKind.GrpcJs, true)]
    [Servers(ServerKind.GrpcJs, false)]
    public async Task Streams_OpenedOneAfterAnother_CountUntilTheyEnd(ServerKind kind, bool fullScan)
    {
        const int streams = 100;
        await using BalancedPool pool = await BalancedPool.StartAsync(kind, 4, balancer => balancer.UsePolicy(new LeastRequestPolicy { FullScan = fullScan }));
        Echo.EchoClient client = await pool.ConnectAsync();

        List<AsyncServerStreamingCall<EchoReply>> calls = [];
        for (int i = 0; i < streams; i++)
        {
            AsyncServerStreamingCall<EchoReply> call = client.Watch(new EchoRequest());
            (await call.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
            calls.Add(call);
        }

        int tolerance = fullScan ? 0 : 5;
        pool.InFlight.ShouldAllBe(count => Math.Abs(count - (streams / 4)) <= tolerance);

        // Half are read to their end, half are disposed.
        calls.Take(streams / 2).ToList().ForEach(call => call.Dispose());
        await pool.ForAllAsync(server => server.EndStreamsAsync());
        foreach (AsyncServerStreamingCall<EchoReply> call in calls.Skip(streams / 2))
        {
            (await call.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        }

        pool.InFlight.ShouldBe([0, 0, 0, 0]);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task InFlight_AfterManyCallsThatEndInEveryWay_IsZero(ServerKind kind)
    {
        await using BalancedPool pool = await BalancedPool.StartAsync(kind, 3, balancer => balancer.UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync();
        await pool.Peers[1].FailWithAsync(StatusCode.Internal);
        await pool.ForAllAsync(server => server.EndStreamsAsync());

        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            try
            {
                using CancellationTokenSource caller = new();
                switch (i % 6)
                {
                    case 0:
                        await client.UnaryAsync(new EchoRequest());
                        break;
                    case 1:
                        client.UnaryAsync(new EchoRequest()).Dispose();
                        break;
                    case 2:
                        AsyncUnaryCall<EchoReply> canceled = client.UnaryAsync(new EchoRequest(), cancellationToken: caller.Token);
                        await caller.CancelAsync();
                        await canceled;
                        break;
                    case 3:
                        using (AsyncServerStreamingCall<EchoReply> watch = client.Watch(new EchoRequest()))
                        {
                            await watch.ResponseStream.MoveNext(CancellationToken.None);
                        }

                        break;
                    case 4:
                        await client.UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddMilliseconds(1));
                        break;
                    default:
                        using (AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat())
                        {
                            await chat.RequestStream.WriteAsync(new EchoRequest());
                            await chat.RequestStream.CompleteAsync();
                            await foreach (EchoReply reply in chat.ResponseStream.ReadAllAsync(CancellationToken.None))
                            {
                            }
                        }

                        break;
                }
            }
            catch (RpcException)
            {
                // A third of them.
            }
        });

        // Whoever disposes a call does not wait for it.
        await Wait.UntilAsync(() => pool.InFlight.All(count => count == 0));
    }

    [Fact]
    public async Task Channel_Disposed_EndsItsStreams()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel();
        AsyncServerStreamingCall<EchoReply> watch = new Echo.EchoClient(channel).Watch(new EchoRequest());
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();

        channel.Dispose();

        await Wait.UntilAsync(() => pool.InFlight[0] == 0 && pool.Servers[0].Loopback.OpenConnections == 0);
    }

    [Fact]
    public async Task Calls_OfSeveralChannels_ShareOneBalancer()
    {
        await using EchoPool pool = await EchoPool.StartAsync(2, balancer => balancer.UsePolicy(new LeastRequestPolicy { FullScan = true }));
        Echo.EchoClient first = await pool.ConnectAsync();
        Echo.EchoClient second = await pool.ConnectAsync();

        for (int i = 0; i < 10; i++)
        {
            (await (i % 2 == 0 ? first : second).Watch(new EchoRequest()).ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        }

        pool.InFlight.ShouldBe([5, 5]);
    }
}
