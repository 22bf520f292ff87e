using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Quickstart;

/// <summary>Real Kestrel servers on free loopback ports, each with a speed of its own.</summary>
internal sealed class ServerFleet : IAsyncDisposable
{
    public static readonly TimeSpan NormalDelay = TimeSpan.FromMilliseconds(4);

    private readonly List<Server> _servers = [];

    public IReadOnlyList<Server> Servers => _servers;

    public Server this[string id] => _servers.Single(server => server.Id == id);

    public static async Task<ServerFleet> StartAsync(params string[] ids)
    {
        ServerFleet fleet = new();
        foreach (string id in ids)
        {
            fleet._servers.Add(await Server.StartAsync(id));
        }

        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Server server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>One of them.</summary>
    internal sealed class Server(string id, WebApplication application) : IAsyncDisposable
    {
        public string Id { get; } = id;

        /// <summary>How long it takes to answer.</summary>
        public TimeSpan Delay { get; set; } = NormalDelay;

        public string Address { get; private set; } = "";

        public static async Task<Server> StartAsync(string id)
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            WebApplication application = builder.Build();
            Server server = new(id, application);
            application.Run(async context =>
            {
                await Task.Delay(server.Delay, context.RequestAborted);
                await context.Response.WriteAsync($"{server.Id} answers {context.Request.Path}", context.RequestAborted);
            });
            await application.StartAsync();
            server.Address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return server;
        }

        public ValueTask DisposeAsync() => application.DisposeAsync();
    }
}
