using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RollingRestart;

/// <summary>A real Kestrel server on a free loopback port, which can be restarted as a deployment does it: shut down, away for a while, back on its port.</summary>
internal sealed class Server(string id) : IAsyncDisposable
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(10);

    private WebApplication? _application;

    public string Id { get; } = id;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public ServerPhase Phase { get; private set; } = ServerPhase.IsDown;

    public int Restarts { get; private set; }

    public static async Task<Server> StartAsync(string id)
    {
        Server server = new(id);
        await server.ListenAsync();
        return server;
    }

    /// <summary>Shuts down, stays away for so long, and comes back.</summary>
    public async Task RestartAsync(TimeSpan away)
    {
        Phase = ServerPhase.ShutsDown;
        await DisposeAsync();
        await Task.Delay(away);
        await ListenAsync();
        Restarts++;
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is { } application)
        {
            _application = null;
            await application.StopAsync();
            await application.DisposeAsync();
        }

        Phase = ServerPhase.IsDown;
    }

    private async Task ListenAsync()
    {
        while (_application is null)
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Address.Port));
            WebApplication application = builder.Build();
            application.Run(AnswerAsync);
            try
            {
                await application.StartAsync();
                Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
                _application = application;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // Somebody's outgoing connection has the port at the moment.
                await application.DisposeAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }

        Phase = ServerPhase.Serves;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        await Task.Delay(Work, context.RequestAborted);
        await context.Response.WriteAsync("done", context.RequestAborted);
    }
}
