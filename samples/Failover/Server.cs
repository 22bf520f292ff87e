using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Failover;

/// <summary>A real Kestrel server on a free loopback port, which can be made to misbehave, to die, and to come back on its port.</summary>
internal sealed class Server(string id) : IAsyncDisposable
{
    private static readonly TimeSpan NormalDelay = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan SlowDelay = TimeSpan.FromMilliseconds(150);
    private const long TurnMilliseconds = 400;

    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new(StringComparer.Ordinal);
    private WebApplication? _application;

    public string Id { get; } = id;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public Behaviour Behaviour { get; private set; }

    public static async Task<Server> StartAsync(string id)
    {
        Server server = new(id);
        await server.ListenAsync();
        return server;
    }

    public async Task BecomeAsync(Behaviour behaviour)
    {
        Behaviour = behaviour;
        if (behaviour == Behaviour.IsDown)
        {
            await DieAsync();
        }
        else if (_application is null)
        {
            await ListenAsync();
        }
    }

    public ValueTask DisposeAsync() => DieAsync();

    private async Task ListenAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, Address.Port, listen => listen.Use(next => connection => TrackAsync(connection, next))));
        _application = builder.Build();
        _application.Run(AnswerAsync);
        await _application.StartAsync();
        Address = new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private async ValueTask DieAsync()
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

    private async Task AnswerAsync(HttpContext context)
    {
        TimeSpan delay = Behaviour switch
        {
            Behaviour.IsSlow => SlowDelay,
            Behaviour.Hangs => Timeout.InfiniteTimeSpan,
            Behaviour.FailsFast => TimeSpan.Zero,
            _ => NormalDelay,
        };
        try
        {
            await Task.Delay(delay, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        bool fails = Behaviour == Behaviour.FailsFast || (Behaviour == Behaviour.Flaps && Environment.TickCount64 / TurnMilliseconds % 2 == 0);
        context.Response.StatusCode = fails ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
    }
}
