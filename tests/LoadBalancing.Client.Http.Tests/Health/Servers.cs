using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>The good servers of a pool, and one whose answers the test decides.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly List<LoopbackServer> _servers = [];
    private int _requests;
    private int _probes;

    private Servers()
    {
    }

    /// <summary>What the first server does with its requests, numbered from 1. It answers 200 at first.</summary>
    public Func<int, HttpContext, Task> First { get; set; } = (_, _) => Task.CompletedTask;

    public IEnumerable<Uri> Addresses => _servers.Select(server => server.Address);

    /// <summary>How many probes have arrived, at all servers.</summary>
    public int ProbeCount => Volatile.Read(ref _probes);

    public LoopbackServer this[int index] => _servers[index];

    public static async Task<Servers> StartAsync(int count)
    {
        Servers servers = new();
        for (int i = 0; i < count; i++)
        {
            bool isFirst = i == 0;
            servers._servers.Add(await LoopbackServer.StartAsync(context => servers.AnswerAsync(context, isFirst)));
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

    private Task AnswerAsync(HttpContext context, bool isFirst)
    {
        if (context.Request.Path == ProbeWatch.Path)
        {
            Interlocked.Increment(ref _probes);
        }

        return isFirst ? First(Interlocked.Increment(ref _requests), context) : Task.CompletedTask;
    }
}
