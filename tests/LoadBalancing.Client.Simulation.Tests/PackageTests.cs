using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests;

/// <summary>One project is packed twice: NuGet takes a tool for nothing else.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("package");

    [Fact]
    public async Task Pack_Simulator_IsAToolAndALibrary()
    {
        await PackAsync();
        using ZipArchive tool = Open("LoadBalancing.Client.Simulation");
        using ZipArchive library = Open("LoadBalancing.Client.Simulation.Library");

        Find(tool, ".nuspec", "packageType").Attribute("name")!.Value.ShouldBe("DotnetTool");
        Find(tool, "DotnetToolSettings.xml", "Command").Attribute("Name")!.Value.ShouldBe("lb-sim");
        tool.Entries.ShouldNotContain(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal));
        tool.Entries.ShouldNotContain(entry => entry.FullName.EndsWith(".resources.dll", StringComparison.Ordinal));
        library.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".dll", StringComparison.Ordinal)).ShouldBe(["lib/net10.0/LoadBalancing.Client.Simulation.dll"]);
        Read(library, ".nuspec").Descendants().ShouldNotContain(element => element.Name.LocalName == "packageType");
        Read(library, ".nuspec").Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value)
            .ShouldBe(["LoadBalancing.Client", "LoadBalancing.Client.Http", "Microsoft.Extensions.Configuration", "System.CommandLine"], ignoreOrder: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static XElement Find(ZipArchive package, string file, string element) => Read(package, file).Descendants().Single(candidate => candidate.Name.LocalName == element);

    private static XDocument Read(ZipArchive package, string file)
    {
        using Stream stream = package.Entries.Single(entry => entry.Name.EndsWith(file, StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    private ZipArchive Open(string id) => ZipFile.OpenRead(_folder.GetFiles($"{id}.?.*.nupkg").Single().FullName);

    /// <summary>Packs what was built together with these tests.</summary>
    private async Task PackAsync()
    {
        string configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        ProcessStartInfo start = new("dotnet", ["pack", Path.Combine("src", "LoadBalancing.Client.Simulation"), "--no-build", "-c", configuration, "-o", _folder.FullName, "-nodeReuse:false"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process pack = Process.Start(start)!;
        string output = await pack.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await pack.WaitForExitAsync().WaitAsync(Patience);
        pack.ExitCode.ShouldBe(0, output);
    }
}
