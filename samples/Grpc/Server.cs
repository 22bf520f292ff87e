using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrpcSample;

/// <summary>A real gRPC server (HTTP/2 without TLS) on a free loopback port, which can be made to die, and to come back on its port.</summary>
internal sealed class Server(string id) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new(StringComparer.Ordinal);
    private WebApplication? _application;

    public string Id { get; } = id;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public bool IsAlive => _application is not null;

    public static async Task<Server> StartAsync(string id)
    {
        Server server = new(id);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Address.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection => TrackAsync(connection, next));
        }));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new OrdersService(this));
        WebApplication application = builder.Build();
        application.MapGrpcService<OrdersService>();
        await application.StartAsync();
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _application = application;
    }

    public async Task DieAsync()
    {
        if (_application is not { } application)
        {
            return;
        }

        _application = null;
        foreach (ConnectionContext connection in _connections.Values)
        {
            connection.Abort(new ConnectionAbortedException("The server died."));
        }

        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    public ValueTask DisposeAsync() => new(DieAsync());

    private async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _connections[connection.ConnectionId] = connection;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection.ConnectionId, out _);
        }
    }
}
