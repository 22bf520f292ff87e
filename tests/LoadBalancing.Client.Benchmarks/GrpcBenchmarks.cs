using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>
/// What balancing adds to a unary call over gRPC's own round robin: the same channel, the same transport, which answers by itself. The connections that a channel wants before it picks are real ones, to listeners that never hear of a call.
/// The circuit breaker is on, as it is by default.
/// </summary>
public class GrpcBenchmarks
{
    private const int Backends = 4;
    private const string AtOnce = "answer at once";
    private const string Later = "answer and body later";

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static (byte[] message) => message, static bytes => bytes);
    private static readonly Method<byte[], byte[]> Get = new(MethodType.Unary, "orders.Orders", "Get", Bytes, Bytes);
    private static readonly byte[] Request = new byte[64];

    private readonly List<IDisposable> _made = [];
    private CallInvoker _own = null!;
    private CallInvoker _roundRobin = null!;
    private CallInvoker _leastRequest = null!;
    private CallInvoker _balanced = null!;

    [Params(AtOnce, Later)]
    public string Transport { get; set; } = AtOnce;

    [GlobalSetup]
    public void Setup()
    {
        IPEndPoint[] places = [.. Enumerable.Range(0, Backends).Select(_ => Listen())];
        _own = CreateOwn(places).CreateCallInvoker();
        _roundRobin = CreateBalanced(places, new RoundRobinPolicy()).CreateCallInvoker();
        GrpcChannel leastRequest = CreateBalanced(places, new LeastRequestPolicy());
        _leastRequest = leastRequest.CreateCallInvoker();
        _balanced = leastRequest.CreateBalancedInvoker();
    }

    [GlobalCleanup]
    public void Cleanup() => _made.AsEnumerable().Reverse().ToList().ForEach(made => made.Dispose());

    [Benchmark(Baseline = true, Description = "gRPC's own round_robin")]
    public Task Own() => CallAsync(_own);

    [Benchmark(Description = "round_robin")]
    public Task RoundRobin() => CallAsync(_roundRobin);

    [Benchmark(Description = "least_request")]
    public Task LeastRequest() => CallAsync(_leastRequest);

    [Benchmark(Description = "least_request, balanced invoker")]
    public Task BalancedInvoker() => CallAsync(_balanced);

    private static async Task CallAsync(CallInvoker invoker)
    {
        using AsyncUnaryCall<byte[]> call = invoker.AsyncUnaryCall(Get, host: null, default, Request);
        await call.ResponseAsync;
    }

    /// <summary>The system itself completes the handshake with a listener, so nobody needs to accept.</summary>
    private IPEndPoint Listen()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        _made.Add(listener);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private GrpcChannel CreateOwn(IPEndPoint[] places)
    {
        ServiceCollection services = new();
        services.AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => [.. places.Select(place => new BalancerAddress(place.Address.ToString(), place.Port))]));
        ShortCircuit transport = new(isLater: Transport == Later);
        GrpcChannelOptions options = new()
        {
            HttpHandler = transport,
            DisposeHttpClient = true,
            ServiceProvider = Keep(services.BuildServiceProvider()),
            Credentials = ChannelCredentials.Insecure,
            ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
        };
        GrpcChannel channel = Keep(GrpcChannel.ForAddress("static:///orders", options));
        Verify(channel, transport);
        return channel;
    }

    private GrpcChannel CreateBalanced(IPEndPoint[] places, LoadBalancingPolicy policy)
    {
        ServiceCollection services = new();
        services.AddLoadBalancer("orders", builder => builder.AddBackends([.. places.Select(place => new Backend($"http://{place}"))]).UsePolicy(policy));
        ServiceProvider provider = Keep(services.BuildServiceProvider());
        ShortCircuit transport = new(isLater: Transport == Later);
        GrpcChannelOptions options = new() { HttpHandler = transport, DisposeHttpClient = true };
        GrpcChannel channel = Keep(GrpcChannel.ForAddress("lb:///orders", options.UseLoadBalancing(provider)));
        Verify(channel, transport);

        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        if (balancer.Backends.Any(backend => backend.InFlight != 0))
        {
            throw new InvalidOperationException("Calls are over, and still count.");
        }

        Pools.MakeBusy(balancer.Backends);
        return channel;
    }

    /// <summary>Waits until the channel is connected to everybody, and fails if it does not spread its calls: then something else would be measured.</summary>
    private static void Verify(GrpcChannel channel, ShortCircuit transport)
    {
        const int each = 100;
        CallInvoker invoker = channel.CreateCallInvoker();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (transport.Calls.Count < Backends)
        {
            patience.Token.ThrowIfCancellationRequested();
            CallAsync(invoker).GetAwaiter().GetResult();
        }

        transport.Calls.Clear();
        for (int i = 0; i < each * Backends; i++)
        {
            CallAsync(invoker).GetAwaiter().GetResult();
        }

        // Two choices among the idle are random: 100 ± 4 σ.
        if (transport.Calls.Count != Backends || transport.Calls.Values.Any(calls => Math.Abs(calls - each) > 35))
        {
            throw new InvalidOperationException($"{channel.Target}: calls went to {string.Join(", ", transport.Calls)}.");
        }

        transport.StopCounting();
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
