namespace LoadBalancing.Client.Testing;

/// <summary>One fenced block of C# in a page.</summary>
/// <param name="Page">The page, relative to the repository.</param>
/// <param name="Line">Where the block begins, from 1.</param>
/// <param name="Code">What stands in it.</param>
public sealed record CodeBlock(string Page, int Line, string Code)
{
    /// <summary>Every block that is marked <c>csharp</c>.</summary>
    public static IEnumerable<CodeBlock> ReadPage(string page)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, page));
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() == "```csharp")
            {
                int end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
                yield return new CodeBlock(page, i + 1, string.Join('\n', lines[(i + 1)..end]));
                i = end;
            }
        }
    }
}
