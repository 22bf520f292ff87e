using System.ComponentModel;
using System.Diagnostics;

namespace LoadBalancing.Client.Grpc.Tests.GrpcJs;

/// <summary>What <c>server.js</c> needs: Node.js, and packages that npm installs beside it, once, from the registry that it is configured with.</summary>
internal static class NodePackages
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
    private static readonly Lazy<string?> Problem = new(Install);

    /// <summary>Where <c>server.js</c> and its packages are.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "GrpcJs");

    /// <summary>Why no server of <c>@grpc/grpc-js</c> can be started here; <see langword="null"/> when one can.</summary>
    public static string? WhyMissing => Problem.Value;

    private static string? Install()
    {
        // Written when all packages are there, so that the next run need not ask.
        string stamp = Path.Combine(Folder, "node_modules", "installed");
        string wanted = File.ReadAllText(Path.Combine(Folder, "package-lock.json"));
        try
        {
            Run("node", "--version");
            if (File.Exists(stamp) && File.ReadAllText(stamp) == wanted)
            {
                return null;
            }

            Run(Npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
            File.WriteAllText(stamp, wanted);
            return null;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or TimeoutException)
        {
            return $"No server of @grpc/grpc-js: {exception.Message}";
        }
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{command} {string.Join(' ', arguments)}' took longer than {Patience}.");
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{command} {string.Join(' ', arguments)}' has failed. {errors.Result.Trim()} {output.Result.Trim()}");
        }
    }
}
