using System.IO.Compression;
using System.Xml.Linq;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests;

/// <summary>One project is packed twice: NuGet takes a tool for nothing else.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task Pack_Simulator_IsAToolAndALibrary()
    {
        using PackedProject packed = await PackedProject.PackAsync("LoadBalancing.Client.Simulation");
        using ZipArchive tool = packed.Open("LoadBalancing.Client.Simulation");
        using ZipArchive library = packed.Open("LoadBalancing.Client.Simulation.Library");
        XDocument specification = PackedProject.Read(library, ".nuspec");

        Find(tool, ".nuspec", "packageType").Attribute("name")!.Value.ShouldBe("DotnetTool");
        Find(tool, "DotnetToolSettings.xml", "Command").Attribute("Name")!.Value.ShouldBe("lb-sim");
        tool.Entries.ShouldNotContain(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal));
        tool.Entries.ShouldNotContain(entry => entry.FullName.EndsWith(".resources.dll", StringComparison.Ordinal));
        library.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".dll", StringComparison.Ordinal)).ShouldBe(["lib/net10.0/LoadBalancing.Client.Simulation.dll"]);
        specification.Descendants().ShouldNotContain(element => element.Name.LocalName == "packageType");
        specification.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value)
            .ShouldBe(["LoadBalancing.Client", "LoadBalancing.Client.Http", "Microsoft.Extensions.Configuration", "System.CommandLine"], ignoreOrder: true);
    }

    private static XElement Find(ZipArchive package, string file, string element) =>
        PackedProject.Read(package, file).Descendants().Single(candidate => candidate.Name.LocalName == element);
}
