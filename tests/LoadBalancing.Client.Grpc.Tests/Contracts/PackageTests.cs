using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>What is shipped knows nothing of the stand-ins.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("package");

    [Fact]
    public async Task Package_OfTheGrpcLibrary_HoldsNoStandInAndDependsOnThePublishedPackage()
    {
        await PackAsync();
        FileInfo[] packages = _folder.GetFiles();
        XDocument specification = ReadSpecification(packages.Single(file => file.Extension == ".nupkg"));
        XElement[] dependencies = [.. specification.Descendants().Where(element => element.Name.LocalName == "dependency")];

        dependencies.Select(dependency => dependency.Attribute("id")!.Value).ShouldBe(["LoadBalancing.Client", "Grpc.Net.Client"], ignoreOrder: true);
        dependencies.Single(dependency => dependency.Attribute("id")!.Value == "Grpc.Net.Client").Attribute("version")!.Value.ShouldBe("2.85.0");
        foreach (FileInfo package in packages)
        {
            using ZipArchive archive = ZipFile.OpenRead(package.FullName);
            string[] libraries = [.. archive.Entries.Select(entry => entry.Name).Where(name => Path.GetExtension(name) is ".dll" or ".pdb")];
            libraries.ShouldHaveSingleItem(package.Name).ShouldStartWith("LoadBalancing.Client.Grpc.");
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Packs what was built together with these tests.</summary>
    private async Task PackAsync()
    {
        string configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        ProcessStartInfo start = new("dotnet", ["pack", Path.Combine("src", "LoadBalancing.Client.Grpc"), "--no-build", "-c", configuration, "-o", _folder.FullName, "-nodeReuse:false"])
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

    private static XDocument ReadSpecification(FileInfo package)
    {
        using ZipArchive archive = ZipFile.OpenRead(package.FullName);
        using Stream specification = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(specification);
    }
}
