using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.GrpcJs;

/// <summary>A server written with <c>@grpc/grpc-js</c>, in a process of its own on 127.0.0.1, over h2c or TLS. It ends when this is disposed, or when the process of the tests ends, with which its input does.</summary>
internal sealed class JsEchoServer : IEchoServer
{
    private readonly Process _process;
    private bool _isDisposed;

    private JsEchoServer(string name, Process process, Uri address) => (Name, _process, Address) = (name, process, address);

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>Starts a server; it listens when this returns.</summary>
    public static async Task<JsEchoServer> StartAsync(string name, X509Certificate2? certificate = null, int port = 0)
    {
        ProcessStartInfo start = new("node", ["server.js", name, port.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = NodePackages.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (certificate is not null)
        {
            using ECDsa key = certificate.GetECDsaPrivateKey()!;
            start.Environment["ECHO_CERTIFICATE"] = certificate.ExportCertificatePem();
            start.Environment["ECHO_KEY"] = key.ExportPkcs8PrivateKeyPem();
        }

        Process process = Process.Start(start)!;
        try
        {
            string? bound = await process.StandardOutput.ReadLineAsync().Soon();
            int listens = int.Parse(bound ?? throw new InvalidOperationException("The server has ended before it listened."), CultureInfo.InvariantCulture);
            return new JsEchoServer(name, process, new UriBuilder(certificate is null ? "http" : "https", "127.0.0.1", listens).Uri);
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    public Task<int> CountCallsAsync() => SendAsync("count");

    public Task ForgetAsync() => SendAsync("forget");

    public Task FailWithAsync(StatusCode code) => SendAsync($"fail {(int)code}");

    public Task HoldAsync() => SendAsync("hold");

    public Task<int> CountHeldAsync() => SendAsync("countHeld");

    public Task RecoverAsync() => SendAsync("recover");

    public Task EndStreamsAsync() => SendAsync("endStreams");

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await EndAsync(_process);
        }
    }

    private async Task<int> SendAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        string? calls = await _process.StandardOutput.ReadLineAsync().Soon();
        return int.Parse(calls ?? throw new InvalidOperationException($"Server {Name} has ended."), CultureInfo.InvariantCulture);
    }

    private static async Task EndAsync(Process process)
    {
        using (process)
        {
            process.Kill();
            await process.WaitForExitAsync().Soon();
        }
    }
}
