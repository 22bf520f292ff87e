using System.Text;
using System.Text.RegularExpressions;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary><c>docs/configuration.md</c> has every policy and its options; and every JSON text on it works, or, when a text with messages follows it, fails with exactly these.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string SecondFile = "\"b\": { \"Weight\": 7 }";

    public static TheoryData<string> Policies => [.. new PolicyCatalog([]).Names];

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, ReadBlocks().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Json_OnThePage_DoesWhatThePageSays(int index)
    {
        (string json, string[] messages) = ReadBlocks()[index];
        string[] failures = [];

        try
        {
            Build(json).Dispose();
        }
        catch (OptionsValidationException exception)
        {
            failures = [.. exception.Failures];
        }

        failures.ShouldBe(messages);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Page_EveryPolicyAndItsOptions_AreInTheTable(string policy)
    {
        // What it is told to refuse, the reader answers with what it knows.
        string refusal = Should.Throw<OptionsValidationException>(() => Build($$"""{ "Policy": "{{policy}}", "PolicyOptions": { "?": 1 }, "Backends": {} }""")).Failures.ShouldHaveSingleItem();
        string[] options = refusal.Split("allowed: ")[1].Split(", ");

        FindRow("Policy").ShouldContain($"`{policy}`");
        foreach (string option in options.Where(option => option != "none"))
        {
            FindRow($"PolicyOptions:{option}").ShouldContain($"`{policy}`", customMessage: option);
        }
    }

    private static string FindRow(string key) => ReadPage().Split('\n').SingleOrDefault(line => line.StartsWith($"| `{key}` |", StringComparison.Ordinal)) ?? $"no row for {key}";

    private static Balancer Build(string json)
    {
        ConfigurationBuilder files = new();
        if (json.Contains(SecondFile, StringComparison.Ordinal))
        {
            files.Add(new EditableJson(EditableJson.InOrders("\"Backends\": { \"a\": \"http://10.0.0.1:8080\", \"b\": \"http://10.0.0.2:8080\" }")));
        }

        bool isWhole = json.Contains("\"LoadBalancing\"", StringComparison.Ordinal);
        files.Add(new EditableJson(isWhole ? json : EditableJson.InOrders(json.Trim()[1..^1])));
        return new BalancerBuilder("orders").UseConfiguration(files.Build().GetSection("LoadBalancing:orders"), [new HttpKeys()], []).Build();
    }

    private static string ReadPage() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"), Encoding.UTF8).ReplaceLineEndings("\n");

    private static List<(string Json, string[] Messages)> ReadBlocks() =>
        [.. Block().Matches(ReadPage()).Select(match => (match.Groups["json"].Value, match.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)))];

    [GeneratedRegex("```json\n(?<json>.*?)```\n(\n```text\n(?<text>.*?)```)?", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Block();

    /// <summary>The page is about the HTTP package too, whose own tests read its keys.</summary>
    private sealed class HttpKeys : IBalancerSectionReader
    {
        public void Read(SectionReader section, BalancerOptions options)
        {
            foreach (string key in new[] { "AttemptTimeout", "RequestTimeout", "ConnectTimeout", "Retry", "Hedging", "MaxQueue", "QueueTimeout", "Authorities", "HashOn" })
            {
                section.Ignore(key);
            }
        }
    }
}
