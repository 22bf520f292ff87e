using System.IO.Compression;
using System.Xml.Linq;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>What is shipped knows nothing of the stand-ins.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task Package_OfTheGrpcLibrary_HoldsNoStandInAndDependsOnThePublishedPackage()
    {
        using PackedProject packed = await PackedProject.PackAsync("LoadBalancing.Client.Grpc");
        using ZipArchive library = packed.Open("LoadBalancing.Client.Grpc");
        XElement[] dependencies = [.. PackedProject.Read(library, ".nuspec").Descendants().Where(element => element.Name.LocalName == "dependency")];

        dependencies.Select(dependency => dependency.Attribute("id")!.Value).ShouldBe(["LoadBalancing.Client", "Grpc.Net.Client"], ignoreOrder: true);
        dependencies.Single(dependency => dependency.Attribute("id")!.Value == "Grpc.Net.Client").Attribute("version")!.Value.ShouldBe("2.85.0");
        foreach (FileInfo package in packed.Files)
        {
            using ZipArchive archive = ZipFile.OpenRead(package.FullName);
            string[] libraries = [.. archive.Entries.Select(entry => entry.Name).Where(name => Path.GetExtension(name) is ".dll" or ".pdb")];
            libraries.ShouldHaveSingleItem(package.Name).ShouldStartWith("LoadBalancing.Client.Grpc.");
        }
    }
}
