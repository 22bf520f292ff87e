using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Architecture;

public sealed class ArchitectureTests
{
    private static readonly FloorRules Rules = new()
    {
        Floors = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["DependencyInjection"] = 6,
            ["Balancing"] = 5,
            ["Policies"] = 4,
            ["Health"] = 3,
            ["CircuitBreaking"] = 3,
            ["Discovery"] = 3,
            ["Telemetry"] = 2,
            ["Load"] = 2,
            ["Backends"] = 1,
            ["Hashing"] = 1,
            ["Timing"] = 0,
        },
        Allowed =
        [
            ("Backends", "Hashing"), // PickRequest.ForKey hashes the key
        ],
    };

    [Fact]
    public void Core_EveryFolder_UsesLowerFloorsOnly()
    {
        IReadOnlyList<SourceFile> files = SourceFile.ReadProject(Path.Combine(Repository.Root, "src", "LoadBalancing.Client"));

        FloorReport report = Rules.Check(files);

        report.Violations.ShouldBeEmpty(string.Join('\n', report.Violations));
        if (files.Count >= 10)
        {
            report.CrossFolderUses.ShouldBeGreaterThan(0, "Nothing resolves, so nothing was checked.");
        }
    }

    [Fact]
    public void Check_TypeOfAHigherFloor_IsAViolationWhateverItsNamespace()
    {
        FloorReport report = Check(
            ("Balancing/Engine.cs", "namespace Any.Where; public class Engine { public int Size; }"),
            ("Hashing/Ring.cs", "namespace Any.Where;\npublic class Ring\n{\n    private readonly Engine _engine;\n}"));

        report.Violations.ShouldBe(["Hashing/Ring.cs:4: Hashing (floor 1) uses Any.Where.Engine of Balancing (floor 5)."]);
    }

    [Theory]
    [InlineData("class Low { object Make() => new N.High(); }")]
    [InlineData("class Low { void Call() => N.High.Shared.Run(); }")]
    [InlineData("using N; class Low { void Call() => 1.Extend(); }")]
    [InlineData("using N; class Low { int Call() { using var x = Open(); return 0; } High Open() => null!; }")]
    [InlineData("using static N.High; class Low { object Get() => Shared; }")]
    [InlineData("using H = N.High; class Low { H Get() => null!; }")]
    [InlineData("class Low : System.Collections.Generic.List<N.High>;")]
    [InlineData("[N.Mark] class Low;")]
    [InlineData("class Low { string Name => nameof(N.High.Run); }")]
    [InlineData("class Low { void Call() => N.High.Shared.Run(notDeclaredAnywhere); }")]
    public void Check_AnyKindOfUseUpward_IsAViolation(string source)
    {
        FloorReport report = Check(
            ("Policies/High.cs", """
                namespace N;
                public class High : IDisposable { public static High Shared = new(); public void Run() { } public void Dispose() { } }
                public static class Extensions { public static void Extend(this int number) { } }
                public class MarkAttribute : Attribute;
                """),
            ("Load/Low.cs", source));

        report.Violations.ShouldNotBeEmpty();
        report.Violations.ShouldAllBe(violation => violation.StartsWith("Load/Low.cs:1: Load (floor 2) uses N.", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_OwnFolderAndLowerFloors_IsFine()
    {
        FloorReport report = Check(
            ("Health/Probing/Probe.cs", "class Probe(Ejector ejector, Backend backend) { Task Run() => Task.FromResult((ejector, backend)); }"),
            ("Health/Outliers/Ejector.cs", "class Ejector;"),
            ("Backends/Backend.cs", "/// <summary>See <see cref=\"Probe\"/>.</summary>\nclass Backend;"));

        report.Violations.ShouldBeEmpty();
        report.CrossFolderUses.ShouldBe(1);
    }

    [Fact]
    public void Check_AnotherFolderOfTheSameFloor_IsAViolationUnlessAllowed()
    {
        FloorReport report = Check(
            ("Backends/Request.cs", "class Request { ulong Hash => Hasher.Hash(1); }"),
            ("Hashing/Hasher.cs", "class Hasher { public static ulong Hash(int key) => Key(null!); static ulong Key(Request request) => 0; }"));

        report.Violations.ShouldBe(["Hashing/Hasher.cs:1: Hashing (floor 1) uses Request of Backends (floor 1)."]);
    }

    [Theory]
    [InlineData("Root.cs")]
    [InlineData("Utils/Helper.cs")]
    public void Check_FileInNoKnownFolder_IsAViolation(string path) =>
        Check((path, "class Lost;")).Violations.ShouldHaveSingleItem().ShouldStartWith($"{path}: is in no known folder");

    private static FloorReport Check(params (string Path, string Text)[] files) =>
        Rules.Check(files.Select(file => new SourceFile(file.Path, file.Text)));
}
