using System.Text;
using System.Text.RegularExpressions;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>Every JSON text of <c>docs/configuration.md</c>: it works, or, when a text with messages follows it, fails with exactly these.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string SecondFile = "\"b\": { \"Weight\": 7 }";

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

    private static List<(string Json, string[] Messages)> ReadBlocks()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"), Encoding.UTF8).ReplaceLineEndings("\n");
        return [.. Block().Matches(page).Select(match => (match.Groups["json"].Value, match.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)))];
    }

    [GeneratedRegex("```json\n(?<json>.*?)```\n(\n```text\n(?<text>.*?)```)?", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Block();

    /// <summary>The page is about the HTTP package too, whose own tests read its keys.</summary>
    private sealed class HttpKeys : IBalancerSectionReader
    {
        public void Read(SectionReader section, BalancerOptions options)
        {
            section.Ignore("AttemptTimeout");
            section.Ignore("Authorities");
            section.Ignore("HashOn");
        }
    }
}
