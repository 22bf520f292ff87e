using System.Text.Json;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Http.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>
/// The balancer's configuration in a scenario: the section that an application would have, read by the same readers, with the same defaults and the same errors. Only where the backends come from is the scenario's affair.
/// </summary>
internal sealed class BalancerSection
{
    private const string Key = "balancer";
    private const string PolicyKey = "Policy";
    private const string PolicyOptionsKey = "PolicyOptions";

    /// <summary>Keys that are about real connections and messages, of which there are none here, and about telemetry, which nobody reads.</summary>
    public static IReadOnlyList<string> KeysWithoutEffect { get; } =
    [
        "ConnectTimeout", "Authorities", "HashOn", "Retry:MaxRetryAfter", "Retry:MaxBufferedBodyBytes", "ServiceLevel:ReducedBelow", "ServiceLevel:CriticalBelow", "Telemetry:RecordPeers",
        "HealthChecks:Kind", "HealthChecks:Path", "HealthChecks:ExpectedStatuses", "HealthChecks:GrpcService", "HealthChecks:Port", "HealthChecks:Address", "HealthChecks:Host",
    ];

    /// <summary>The policies that there are, for messages.</summary>
    public static string PolicyNames { get; } = string.Join(", ", new PolicyCatalog([]).Names);

    private static readonly IBalancerSectionReader[] Readers = [new HttpSectionReader()];

    private readonly string _file;
    private readonly Dictionary<string, string?> _values;

    private BalancerSection(string file, Dictionary<string, string?> values)
    {
        _file = file;
        _values = values;
    }

    /// <summary>The policy that is used when none is asked for.</summary>
    public string Policy => _values.GetValueOrDefault(PolicyKey) ?? PolicyCatalog.DefaultName;

    /// <summary>All that it sets, with the paths of configuration.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>What a user should know about the section.</summary>
    public IEnumerable<string> Notices => KeysWithoutEffect.Where(IsSet).Select(key => $"$.{Key}.{key.Replace(':', '.')} has no effect in a simulation.");

    /// <summary>Whether the section says anything of a key or a section in it; <see langword="null"/> is nothing.</summary>
    /// <param name="key">The key, with those of its sections in front and colons between.</param>
    public bool IsSet(string key) => _values.Any(pair => pair.Value is not null && $"{pair.Key}:".StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase));

    /// <summary>What it says of a key; <see langword="null"/> when it says nothing.</summary>
    public string? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>Whether a section says that what it is about is not to be done.</summary>
    public bool IsTurnedOff(string section) => bool.FalseString.Equals(_values.GetValueOrDefault($"{section}:Enabled"), StringComparison.OrdinalIgnoreCase);

    public static BalancerSection Read(ScenarioNode root)
    {
        Dictionary<string, string?> values = new(StringComparer.OrdinalIgnoreCase);
        if (root.FindObject(Key, "must be an object with keys of a balancer's configuration") is { } node)
        {
            foreach (JsonProperty property in node.Element.EnumerateObject())
            {
                if (property.Name.Equals("Backends", StringComparison.OrdinalIgnoreCase) || property.Name.Equals("Dns", StringComparison.OrdinalIgnoreCase))
                {
                    throw node.ProblemAt($"{node.Path}.{property.Name}", ": must not be there: the backends of a scenario are those in $.backends");
                }
            }

            new ConfigurationFlattener(node, values).Flatten(node.Element);
        }

        BalancerSection section = new(root.File, values);
        section.Check(null);
        return section;
    }

    /// <summary>Finds out what is wrong with the configuration, or with a policy, without any backends.</summary>
    /// <exception cref="ScenarioException">Something is.</exception>
    public void Check(PolicyChoice? policy) => Build(policy, new BalancerBuilder(Key).AddBackends(Array.Empty<Backend>())).Dispose();

    /// <summary>Builds a balancer with this configuration.</summary>
    /// <param name="policy">The policy to use in place of the one that the section names.</param>
    /// <param name="builder">Has the rest.</param>
    /// <param name="locality">Where the client is; <see langword="null"/> for where the section says.</param>
    /// <exception cref="ScenarioException">There is something wrong with the configuration, or with the policy's options.</exception>
    public Balancer Build(PolicyChoice? policy, BalancerBuilder builder, Locality? locality = null)
    {
        try
        {
            builder.UseConfiguration(CreateSection(policy), Readers, policies: []);
            return (locality is { } place ? builder.UseLocality(place) : builder).Build();
        }
        catch (OptionsValidationException exception)
        {
            throw Describe(policy, exception.Failures.First());
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw Describe(policy, exception.Message);
        }
    }

    private IConfigurationSection CreateSection(PolicyChoice? policy)
    {
        Dictionary<string, string?> values = new(_values, StringComparer.OrdinalIgnoreCase) { [PolicyKey] = policy?.Name ?? Policy };
        if (policy is not null && (policy.Options.Count > 0 || !policy.Name.Equals(Policy, StringComparison.OrdinalIgnoreCase)))
        {
            // Those of one policy say nothing about another.
            foreach (string key in _values.Keys.Where(key => key.Split(':')[0].Equals(PolicyOptionsKey, StringComparison.OrdinalIgnoreCase)))
            {
                values.Remove(key);
            }

            foreach ((string key, string? value) in policy.Options)
            {
                values[$"{PolicyOptionsKey}:{key}"] = value;
            }
        }

        return new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>($"{Key}:{pair.Key}", pair.Value)))
            .Build()
            .GetSection(Key);
    }

    /// <summary>A problem of configuration begins with the path of a key, in the spelling of configuration; here it gets that of the file, or the option of the command line that is to blame.</summary>
    private ScenarioException Describe(PolicyChoice? policy, string problem)
    {
        string line = problem.ReplaceLineEndings(" ");
        int end = line.StartsWith($"{Key}:", StringComparison.Ordinal) ? EndOfPath(line) : -1;
        if (end <= Key.Length)
        {
            return policy is null ? new ScenarioException($"{_file}: $.{Key}: {line}") : new ScenarioException($"{policy.Origin}: {line}");
        }

        string[] keys = line[..end].Split(':');
        bool isOfPolicy = keys[1].Equals(PolicyKey, StringComparison.OrdinalIgnoreCase) || (policy is { Options.Count: > 0 } && keys[1].Equals(PolicyOptionsKey, StringComparison.OrdinalIgnoreCase));
        if (policy is not null && isOfPolicy)
        {
            return new ScenarioException($"{policy.Origin}: {string.Join('.', keys.Skip(1))}{line[end..]}");
        }

        string path = string.Concat(keys.Select(key => key.All(char.IsAsciiDigit) ? $"[{key}]" : $".{key}"));
        return new ScenarioException($"{_file}: ${path}{line[end..]}");
    }

    private static int EndOfPath(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        int equals = line.IndexOf(" = ", StringComparison.Ordinal);
        return equals >= 0 && (colon < 0 || equals < colon) ? equals : colon;
    }
}
