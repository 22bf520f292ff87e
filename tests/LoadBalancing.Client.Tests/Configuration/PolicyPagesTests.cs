using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>The pages know every policy that configuration can name, and every option of it.</summary>
public sealed class PolicyPagesTests
{
    private static readonly string PoliciesPage = Read("policies.md");
    private static readonly string ConfigurationPage = Read("configuration.md");

    public static TheoryData<string> Policies => [.. new PolicyCatalog([]).Names];

    [Theory]
    [MemberData(nameof(Policies))]
    public void PoliciesPage_EveryPolicy_SaysCostSourceAndOptions(string policy)
    {
        string section = SectionOf(policy);
        section.ShouldContain("\n- ");
        section.ShouldContain("**Cost:**");
        section.ShouldContain("**Source:**");
        foreach (string option in OptionsOf(policy))
        {
            section.ShouldContain($"`{option}`");
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void ConfigurationPage_EveryPolicy_HasItsOptions(string policy)
    {
        ConfigurationPage.ShouldContain($"`{policy}`, ");
        foreach (string option in OptionsOf(policy))
        {
            string row = ConfigurationPage.Split('\n').Single(line => line.StartsWith($"| `PolicyOptions:{option}` |", StringComparison.Ordinal));
            row.ShouldContain($"`{policy}`");
        }
    }

    [Fact]
    public void PoliciesPage_EveryPolicy_IsInTheDecisionTable()
    {
        string table = PoliciesPage[..PoliciesPage.IndexOf("\n## ", StringComparison.Ordinal)];
        foreach (string policy in new PolicyCatalog([]).Names)
        {
            table.ShouldContain($"`{policy}`");
        }
    }

    private static string SectionOf(string policy)
    {
        int start = PoliciesPage.IndexOf($"\n## `{policy}`\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThan(0, policy);
        int end = PoliciesPage.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return PoliciesPage[start..end];
    }

    /// <summary>An option that nobody has is refused with a list of those that the policy has.</summary>
    private static string[] OptionsOf(string policy)
    {
        IConfigurationSection section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("orders:Policy", policy), new("orders:PolicyOptions:Nobodys", "1"), new("orders:Backends:0", "http://10.0.0.1")])
            .Build()
            .GetSection("orders");
        string failure = Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").UseConfiguration(section).Build()).Failures.ShouldHaveSingleItem();
        string allowed = failure.Split("allowed: ")[1];
        return allowed == "none" ? [] : allowed.Split(", ");
    }

    private static string Read(string page) => File.ReadAllText(Path.Combine(Repository.Root, "docs", page)).ReplaceLineEndings("\n");
}
