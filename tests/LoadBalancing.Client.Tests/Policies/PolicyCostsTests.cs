using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>The figures on the page about policies are those of the committed benchmark report.</summary>
public sealed class PolicyCostsTests
{
    private static readonly string[] Counts = ["10", "100", "10000"];

    [Fact]
    public void Page_EveryFigure_IsThatOfTheReport()
    {
        Dictionary<(string What, string Count), string> measured = [];
        foreach (string[] row in Rows("benchmarks.md", "## Pick"))
        {
            measured[(row[0], row[1])] = row[2];
        }

        List<string[]> rows = [.. Rows("policies.md", "## What a pick costs")];

        rows.Count.ShouldBeGreaterThan(12);
        foreach (string[] row in rows)
        {
            for (int i = 0; i < Counts.Length; i++)
            {
                row[i + 1].ShouldBe(measured[(row[0].Replace("`", "", StringComparison.Ordinal), Counts[i])], $"{row[0]} over {Counts[i]} backends");
            }
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Page_EveryPolicy_HasAFigure(string policy)
    {
        string name = policy.Split([' ', ','])[0];

        Rows("policies.md", "## What a pick costs").ShouldContain(row => row[0].StartsWith($"`{name}`", StringComparison.Ordinal), policy);
    }

    /// <summary>The rows of the first table under a heading, without its head.</summary>
    private static IEnumerable<string[]> Rows(string page, string heading) =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", page))
            .SkipWhile(line => line != heading)
            .SkipWhile(line => !line.StartsWith("|--", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
}
