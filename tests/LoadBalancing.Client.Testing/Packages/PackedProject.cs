using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

namespace LoadBalancing.Client.Testing;

/// <summary>The packages that <c>dotnet pack</c> makes of a project, in a folder that goes with this.</summary>
public sealed class PackedProject : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("package");

    private PackedProject()
    {
    }

    /// <summary>All files that were made.</summary>
    public IReadOnlyList<FileInfo> Files => _folder.GetFiles();

    /// <summary>Packs a project of <c>src</c> as it was built together with the tests.</summary>
    /// <param name="project">Its name.</param>
    /// <exception cref="InvalidOperationException">It cannot be packed.</exception>
    public static async Task<PackedProject> PackAsync(string project)
    {
        PackedProject packed = new();
        string configuration = typeof(PackedProject).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        ProcessStartInfo start = new("dotnet", ["pack", Path.Combine("src", project), "--no-build", "-c", configuration, "-o", packed._folder.FullName, "-nodeReuse:false"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process pack = Process.Start(start)!;
        string output = await pack.StandardOutput.ReadToEndAsync().WaitAsync(Patience).ConfigureAwait(false);
        await pack.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
        return pack.ExitCode == 0 ? packed : throw new InvalidOperationException(output);
    }

    /// <summary>Opens a package by its id.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(_folder.GetFiles($"{id}.?.*.nupkg").Single().FullName);

    /// <summary>The only file of a package whose name ends like this, as XML.</summary>
    public static XDocument Read(ZipArchive package, string file)
    {
        ArgumentNullException.ThrowIfNull(package);
        using Stream stream = package.Entries.Single(entry => entry.Name.EndsWith(file, StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
