using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Docs;

/// <summary>What a reader copies from a page compiles.</summary>
public sealed class DocsTests
{
    private static readonly char[] LinkEnds = [')', '#'];

    public static TheoryData<string> Pages => [.. AllPages()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_EveryCodeBlock_Compiles(string page)
    {
        // One block may go on where the one before it ended, so a page is tried as a whole when a block does not stand alone.
        CodeBlock[] blocks = [.. CodeBlock.ReadPage(page)];
        foreach (CodeBlock block in blocks)
        {
            IReadOnlyList<string> errors = CodeCompiler.Check(Reorder(block.Code));
            if (errors.Count > 0)
            {
                errors = CodeCompiler.Check(Reorder(string.Join('\n', blocks.TakeWhile(other => other != block).Append(block).Select(other => other.Code))));
            }

            errors.ShouldBeEmpty($"{block.Page}, line {block.Line}");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_EveryRelativeLink_LeadsSomewhere(string page)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        string[] links = [.. text.Split("](").Skip(1).Select(rest => rest[..rest.IndexOfAny(LinkEnds)]).Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal))];

        links.Where(link => !Path.Exists(Path.Combine(folder, link))).ShouldBeEmpty(page);
    }

    [Fact]
    public void Readme_FirstProgram_CompilesAsTheOnlyFileOfAProject() =>
        CodeCompiler.CheckAlone(CodeBlock.ReadPage("README.md").First().Code).ShouldBeEmpty();

    [Fact]
    public void Extending_EveryBlockOfTypes_ShowsItsUsings()
    {
        CodeBlock[] blocks = [.. CodeBlock.ReadPage("docs/extending.md").Where(block => block.Code.Split('\n').Any(IsTypeStart))];

        blocks.Length.ShouldBeGreaterThan(2);
        foreach (CodeBlock block in blocks)
        {
            CodeCompiler.CheckTypes(block.Code).ShouldBeEmpty($"{block.Page}, line {block.Line}");
        }
    }

    [Fact]
    public void Check_CodeWithAnUnknownName_SaysSo() =>
        CodeCompiler.Check("balancer.NoSuchThing();").ShouldNotBeEmpty();

    private static IEnumerable<string> AllPages() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => Path.Combine("docs", Path.GetFileName(path))).Append("README.md").Order(StringComparer.Ordinal);

    /// <summary>Types come last in a program, usings first; on a page they stand where they are explained. A block of types alone gets a statement, to be a program.</summary>
    private static string Reorder(string code)
    {
        List<string> usings = [];
        List<string> statements = ["_ = services;"];
        List<string> types = [];
        List<string> target = statements;
        foreach (string line in code.Split('\n'))
        {
            if (line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('=', StringComparison.Ordinal))
            {
                usings.Add(line);
                continue;
            }

            if (IsTypeStart(line))
            {
                target = types;
            }

            target.Add(line);
            if (target == types && (line == "}" || (IsTypeStart(line) && line.EndsWith(';'))))
            {
                target = statements;
            }
        }

        return string.Join('\n', [.. usings, .. statements, .. types]);
    }

    private static bool IsTypeStart(string line) =>
        line.StartsWith("public ", StringComparison.Ordinal) || line.StartsWith("internal ", StringComparison.Ordinal) || line.StartsWith("sealed ", StringComparison.Ordinal);
}
