using System.Runtime.CompilerServices;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Testing;

public sealed class VerifiedTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string Snapshot => Path.Combine(_folder.FullName, "Snapshot");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Match_Here_FindsTheFileBesideThisOne() => Verified.Match("Line 1\r\nLine 2\r\n");

    [Fact]
    public void ResolveSourcePath_OrdinaryOrDeterministic_IsThisFile()
    {
        string path = Repository.ResolveSourcePath(ThisFile());

        path.ShouldBe(Path.Combine(Repository.Root, "tests/LoadBalancing.Client.Tests/Testing/VerifiedTests.cs"));
        Repository.ResolveSourcePath("/_/tests/LoadBalancing.Client.Tests/Testing/VerifiedTests.cs").ShouldBe(path);
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public void MatchFile_NotVerifiedYet_FailsAndWritesWhatItReceived()
    {
        Should.Throw<ShouldAssertException>(() => Verified.MatchFile("a\r\nb", Snapshot, update: false));

        File.ReadAllText(Snapshot + ".received.txt").ShouldBe("a\nb\n");
        File.Exists(Snapshot + ".verified.txt").ShouldBeFalse();
    }

    [Fact]
    public void MatchFile_Differs_ShowsTheDifference()
    {
        File.WriteAllText(Snapshot + ".verified.txt", "1\n2\n3\n4\nold\n6\n7\n8\n");

        Exception failure = Should.Throw<ShouldAssertException>(
            () => Verified.MatchFile("1\n2\n3\n4\nnew\n6\n7\n8", Snapshot, update: false));

        failure.Message.ShouldContain("  ...\n  3\n  4\n- old\n+ new\n  6\n  7\n");
        failure.Message.ShouldContain("UPDATE_VERIFIED=1");
    }

    [Fact]
    public void MatchFile_SameTextAgain_RemovesWhatWasReceived()
    {
        File.WriteAllText(Snapshot + ".verified.txt", "a\r\nb");
        File.WriteAllText(Snapshot + ".received.txt", "c");

        Verified.MatchFile("a\nb\n", Snapshot, update: false);

        File.Exists(Snapshot + ".received.txt").ShouldBeFalse();
    }

    [Fact]
    public void MatchFile_Update_WritesTheVerifiedFile()
    {
        Verified.MatchFile("a\r\nb", Snapshot, update: true);

        File.ReadAllText(Snapshot + ".verified.txt").ShouldBe("a\nb\n");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
