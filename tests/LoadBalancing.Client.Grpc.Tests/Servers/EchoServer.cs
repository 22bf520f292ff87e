using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>A real gRPC server on 127.0.0.1, over h2c or TLS. Disposing it aborts what still runs.</summary>
internal sealed class EchoServer : IEchoServer
{
    private readonly TaskCompletionSource _endOfStreams = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackServer _server = null!;
    private int _calls;

    private TaskCompletionSource? _held;
    private int _callsHeld;

    private EchoServer(string name) => Name = name;

    public string Name { get; }

    public Uri Address => _server.Address;

    public LoopbackServer Loopback => _server;

    /// <summary>How many calls have got as far as their answer since the last <see cref="Forget"/>.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What is done before a call is answered; what it throws is the answer. The default value does nothing.</summary>
    public Func<ServerCallContext, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public Task EndOfStreams => _endOfStreams.Task;

    public static async Task<EchoServer> StartAsync(string name, X509Certificate2? certificate = null, int port = 0, IPAddress? @interface = null)
    {
        EchoServer server = new(name);
        server._server = await LoopbackServer.StartAsync(
            services =>
            {
                services.AddGrpc();
                services.AddSingleton(new EchoService(server));
            },
            application => application.MapGrpcService<EchoService>(),
            new LoopbackServerOptions { Protocols = HttpProtocols.Http2, Certificate = certificate, Port = port, Interface = @interface ?? IPAddress.Loopback });
        return server;
    }

    /// <summary>From now on every call ends in this status.</summary>
    public void FailWith(StatusCode code) => BeforeAnswer = _ => throw new RpcException(new Status(code, $"{Name} fails."));

    /// <summary>From now on calls are answered.</summary>
    public void Recover() => BeforeAnswer = _ => Task.CompletedTask;

    /// <summary>Ends all streams of answers, those to come too.</summary>
    public void EndStreams() => _endOfStreams.TrySetResult();

    public void Forget() => Volatile.Write(ref _calls, 0);

    public Task OnCallAsync(ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        return BeforeAnswer(context);
    }

    public Task<int> CountCallsAsync() => Task.FromResult(Calls);

    public Task ForgetAsync()
    {
        Forget();
        return Task.CompletedTask;
    }

    public Task FailWithAsync(StatusCode code)
    {
        FailWith(code);
        return Task.CompletedTask;
    }

    public Task HoldAsync()
    {
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = held;
        BeforeAnswer = async context =>
        {
            Interlocked.Increment(ref _callsHeld);
            try
            {
                await held.Task.WaitAsync(context.CancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _callsHeld);
            }
        };
        return Task.CompletedTask;
    }

    public Task<int> CountHeldAsync() => Task.FromResult(Volatile.Read(ref _callsHeld));

    public Task RecoverAsync()
    {
        Recover();
        _held?.TrySetResult();
        return Task.CompletedTask;
    }

    public Task EndStreamsAsync()
    {
        EndStreams();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
