using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>The good servers of a pool, and one whose answers the test decides.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly List<LoopbackServer> _servers = [];
    private int _requests;

    private Servers()
    {
    }

    /// <summary>What the first server does with its requests, numbered from 1. It answers 200 at first.</summary>
    public Func<int, HttpContext, Task> First { get; set; } = (_, _) => Task.CompletedTask;

    public IEnumerable<Uri> Addresses => _servers.Select(server => server.Address);

    public LoopbackServer this[int index] => _servers[index];

    public static async Task<Servers> StartAsync(int count)
    {
        Servers servers = new();
        for (int i = 0; i < count; i++)
        {
            servers._servers.Add(await (i == 0 ? LoopbackServer.StartAsync(context => servers.First(Interlocked.Increment(ref servers._requests), context)) : LoopbackServer.StartAsync()));
        }

        return servers;
    }

    /// <summary>Makes the first server answer with this status.</summary>
    public void AnswerWith(int status) => First = (_, context) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public async ValueTask DisposeAsync()
    {
        foreach (LoopbackServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
