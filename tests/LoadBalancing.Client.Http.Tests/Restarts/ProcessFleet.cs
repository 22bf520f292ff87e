using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>Servers in processes of their own, each of which can be restarted on its ports. Every request that arrives anywhere is noted.</summary>
internal sealed class ProcessFleet : IAsyncDisposable
{
    // Below those that systems give to outgoing connections: a port must not be taken while its server is down.
    private const int LowestPort = 15_000;
    private const int HighestPort = 30_000;

    private readonly DirectoryInfo _journals = Directory.CreateTempSubdirectory("journals");
    private readonly ServerProcess[] _servers;

    private ProcessFleet(int count) => _servers = new ServerProcess[count];

    public int Count => _servers.Length;

    public IEnumerable<Uri> Addresses => _servers.Select(server => server.Address);

    public IEnumerable<Uri> Http2Addresses => _servers.Select(server => server.Http2Address);

    public static async Task<ProcessFleet> StartAsync(int count)
    {
        ProcessFleet fleet = new(count);
        await Task.WhenAll(Enumerable.Range(0, count).Select(async index => fleet._servers[index] = await fleet.StartServerAsync(index)));
        return fleet;
    }

    /// <summary>Ends a server, by a shutdown or at once, and starts it again; it listens when this returns.</summary>
    public async Task RestartAsync(int index, bool isGraceful)
    {
        ServerProcess server = _servers[index];
        await (isGraceful ? server.ShutDownAsync() : server.KillAsync());
        await server.DisposeAsync();
        _servers[index] = await RetryAsync(() => ServerProcess.StartAsync(server.Address.Port, server.Http2Address.Port, JournalOf(index)));
    }

    /// <summary>How often each request has arrived, as method and id: at any server, before or after restarts.</summary>
    public IReadOnlyDictionary<string, int> ReadArrivals() =>
        Enumerable.Range(0, Count).Select(JournalOf).Where(File.Exists).SelectMany(ReadLines).GroupBy(line => line, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Count(), StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess server in _servers)
        {
            await server.DisposeAsync();
        }

        _journals.Delete(recursive: true);
    }

    private static async Task<ServerProcess> RetryAsync(Func<Task<ServerProcess>> start)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await start();
            }
            catch (IOException) when (failures < 20)
            {
                await Task.Delay(100);
            }
        }
    }

    private static IEnumerable<string> ReadLines(string journal)
    {
        // A server may be writing.
        using FileStream file = new(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private Task<ServerProcess> StartServerAsync(int index) => RetryAsync(() =>
    {
        int port = Random.Shared.Next(LowestPort / 2, HighestPort / 2) * 2;
        return ServerProcess.StartAsync(port, port + 1, JournalOf(index));
    });

    private string JournalOf(int index) => Path.Combine(_journals.FullName, $"{index}");
}
