using System.Diagnostics;
using System.Globalization;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// A server in a process of its own, which can be killed (connections are reset, connects refused), shut down (SIGTERM: it finishes what it does, and goes) or stopped (SIGSTOP: the system still accepts connections,
/// and nobody answers). On Linux and macOS.
/// </summary>
/// <remarks>
/// Its parent is a shell that passes signals on. When the shell's input ends, because this was disposed or because the process of the tests is gone, however it went, it kills the server, which as a stopped one could not end itself.
/// A stop is over only when each of its threads has stopped: until the one that takes the signal gets a processor, the others may still answer.
/// </remarks>
public sealed class ServerProcess : IAsyncDisposable
{
    private const string Guardian = """
        "$@" & server=$!
        while read -r signal; do
          kill -s "$signal" "$server"
          if [ "$signal" = KILL ] || [ "$signal" = TERM ]; then wait "$server"; echo "sent $signal"; exit; fi
          if [ "$signal" = STOP ] && [ -d "/proc/$server/task" ]; then
            while [ -n "$(grep -L '^State:[[:space:]]*T' /proc/"$server"/task/*/status 2>/dev/null)" ]; do sleep 0.01; done
          fi
          echo "sent $signal"
        done
        kill -s KILL "$server"
        wait "$server"
        """;

    // A machine that is busy may take long to start a process; a test that waits longer hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _guardian;

    private ServerProcess(Process guardian, string[] addresses) => (_guardian, Address, Http2Address) = (guardian, new Uri(addresses[0]), new Uri(addresses[1]));

    /// <summary>For HTTP/1.1; for example <c>http://127.0.0.1:34567/</c>.</summary>
    public Uri Address { get; }

    /// <summary>For HTTP/2 without TLS.</summary>
    public Uri Http2Address { get; }

    /// <summary>Starts a server; it listens when this returns.</summary>
    /// <param name="port">Where; 0 takes any free port. The port of a killed server brings it "back".</param>
    /// <param name="http2Port">Where for HTTP/2; 0 takes any free port.</param>
    /// <param name="journal">A file to which a line is added for every request, with its method and its <c>X-Request-Id</c>.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<ServerProcess> StartAsync(int port = 0, int http2Port = 0, string? journal = null)
    {
        string server = Path.Combine(AppContext.BaseDirectory, "LoadBalancing.Client.TestServer.dll");
        ProcessStartInfo start = new("/bin/sh", ["-c", Guardian, "guardian", "dotnet", server, port.ToString(CultureInfo.InvariantCulture), http2Port.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (journal is not null)
        {
            start.ArgumentList.Add(journal);
        }

        Process guardian = Process.Start(start)!;
        try
        {
            string? line = await guardian.StandardOutput.ReadLineAsync().WaitAsync(Patience).ConfigureAwait(false);
            return line is not null && line.StartsWith("http:", StringComparison.Ordinal)
                ? new ServerProcess(guardian, line.Split(' '))
                : throw new IOException($"The server on port {port} does not listen: {line ?? "it has ended"}");
        }
        catch
        {
            await EndAsync(guardian).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>From now on it does nothing, until <see cref="ContinueAsync"/>.</summary>
    public Task StopAsync() => SignalAsync("STOP");

    /// <summary>It goes on where it was stopped.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Ends it at once; it is gone when this returns.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    /// <summary>Has it shut down: it takes no new connections, answers what it has been asked, and is gone when this returns.</summary>
    public Task ShutDownAsync() => SignalAsync("TERM");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(EndAsync(_guardian));

    private async Task SignalAsync(string signal)
    {
        await _guardian.StandardInput.WriteLineAsync(signal).ConfigureAwait(false);
        await _guardian.StandardInput.FlushAsync().ConfigureAwait(false);
        string? answer = await _guardian.StandardOutput.ReadLineAsync().WaitAsync(Patience).ConfigureAwait(false);
        if (answer != $"sent {signal}")
        {
            throw new InvalidOperationException($"{signal} was answered with '{answer}'.");
        }
    }

    private static async Task EndAsync(Process guardian)
    {
        using (guardian)
        {
            guardian.StandardInput.Close();
            await guardian.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
        }
    }
}
