using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Testing;

/// <summary>A Kestrel server on 127.0.0.1 that records what it is asked. Disposing it aborts what still runs.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new(StringComparer.Ordinal);
    private readonly WebApplication _application;
    private int _accepted;

    private LoopbackServer(Action<IServiceCollection> addServices, Action<WebApplication> map, LoopbackServerOptions options)
    {
        // The empty builder: no configuration files to watch, no environment to read, no logging.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.Configure<KestrelServerOptions>(kestrel => Configure(kestrel, options));
        addServices(builder.Services);
        _application = builder.Build();
        _application.Use((context, next) =>
        {
            _requests.Enqueue(RecordedRequest.From(context));
            return next(context);
        });
        map(_application);
    }

    /// <summary>Scheme, IP address and port, for example <c>http://127.0.0.1:34567/</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The number of requests that have arrived, answered or not.</summary>
    public int RequestCount => _requests.Count;

    /// <summary>The requests that have arrived, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>The number of connections that are open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>The number of connections that were ever made.</summary>
    public int AcceptedConnections => Volatile.Read(ref _accepted);

    /// <summary>Starts a server that answers 200 with an empty body.</summary>
    public static Task<LoopbackServer> StartAsync(LoopbackServerOptions? options = null) =>
        StartAsync(static _ => Task.CompletedTask, options);

    /// <summary>Starts a server; it listens when this returns.</summary>
    public static Task<LoopbackServer> StartAsync(RequestDelegate handler, LoopbackServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return StartAsync(static _ => { }, application => application.Run(handler), options);
    }

    /// <summary>Starts a server with services and endpoints of its own; it listens when this returns.</summary>
    public static async Task<LoopbackServer> StartAsync(Action<IServiceCollection> addServices, Action<WebApplication> map, LoopbackServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addServices);
        ArgumentNullException.ThrowIfNull(map);
        var server = new LoopbackServer(addServices, map, options ?? new LoopbackServerOptions());
        try
        {
            await server._application.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            await server._application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        server.Address = new Uri(server._application.Urls.Single());
        return server;
    }

    /// <summary>
    /// A handler that promises a longer body than it sends: status 200, the given start of the body, and when
    /// <paramref name="received"/> completes, the connection dies (the stream, on HTTP/2). The test completes that task
    /// when it has read what it wants: a reset can overtake data, so without it a client may not even see the headers.
    /// </summary>
    public static RequestDelegate AbortAfter(string startOfBody, Task received) => async context =>
    {
        context.Response.ContentLength = startOfBody.Length + 1000;
        await context.Response.WriteAsync(startOfBody).ConfigureAwait(false);
        await context.Response.Body.FlushAsync().ConfigureAwait(false);
        await received.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        context.Abort();
    };

    /// <summary>Kills all open connections; the server goes on listening.</summary>
    public void AbortConnections()
    {
        foreach (ConnectionContext connection in _connections.Values)
        {
            connection.Abort(new ConnectionAbortedException("The test aborted all connections."));
        }
    }

    /// <summary>Stops gracefully: no new connections (connects are refused), running requests are answered first.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _application.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AbortConnections();
        await _application.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private void Configure(KestrelServerOptions kestrel, LoopbackServerOptions options)
    {
        // A test may pause for as long as it likes.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.AddServerHeader = false;
        kestrel.Listen(options.Interface, options.Port, listen =>
        {
            listen.Protocols = options.Protocols;
            listen.Use(next => connection => TrackAsync(connection, next));
            if (options.Certificate is { } certificate)
            {
                // With a selector, Kestrel keeps the name that the client sent; with a fixed certificate it does not.
                listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate);
            }
        });
    }

    private async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _connections[connection.ConnectionId] = connection;
        Interlocked.Increment(ref _accepted);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection.ConnectionId, out _);
        }
    }
}
