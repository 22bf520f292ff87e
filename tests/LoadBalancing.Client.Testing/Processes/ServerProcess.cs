using System.Diagnostics;
using System.Globalization;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// A server in a process of its own, which can be killed (connections are reset, connects refused) or stopped (SIGSTOP: the system still accepts connections, and nobody answers). On Linux and macOS.
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
          if [ "$signal" = KILL ]; then wait "$server"; echo "sent $signal"; exit; fi
          if [ "$signal" = STOP ] && [ -d "/proc/$server/task" ]; then
            while [ -n "$(grep -L '^State:[[:space:]]*T' /proc/"$server"/task/*/status 2>/dev/null)" ]; do sleep 0.01; done
          fi
          echo "sent $signal"
        done
        kill -s KILL "$server"
        wait "$server"
        """;

    private const string Kill = "KILL";

    // A machine that is busy may take long to start a process; a test that waits longer hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _guardian;

    private ServerProcess(Process guardian, Uri address) => (_guardian, Address) = (guardian, address);

    /// <summary>For example <c>http://127.0.0.1:34567/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts a server; it listens when this returns.</summary>
    /// <param name="port">Where; 0 takes any free port. The port of a killed server brings it "back".</param>
    public static async Task<ServerProcess> StartAsync(int port = 0)
    {
        string server = Path.Combine(AppContext.BaseDirectory, "LoadBalancing.Client.TestServer.dll");
        ProcessStartInfo start = new("/bin/sh", ["-c", Guardian, "guardian", "dotnet", server, port.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process guardian = Process.Start(start)!;
        try
        {
            string? address = await guardian.StandardOutput.ReadLineAsync().WaitAsync(Patience).ConfigureAwait(false);
            return new ServerProcess(guardian, new Uri(address ?? throw new InvalidOperationException($"The server on port {port} has ended before it listened.")));
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
    public Task KillAsync() => SignalAsync(Kill);

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
