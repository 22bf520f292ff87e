using System.Text.Json;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads a scenario file; what is wrong is said in one line.</summary>
internal static class ScenarioReader
{
    private const double LongestSeconds = 86_400;
    private const int MostClients = 10_000;
    private const int MostKeys = 1_000_000;
    private const double HighestSkew = 10;

    private static readonly string[] Keys =
    [
        "name", "description", "seed", "durationSeconds", "warmupSeconds", "clients", "clientLocalities", "arrivals", "keys", "responseBytes", "timeoutSeconds", "cancelOnTimeout", "attempts", "balancer", "policies", "backends",
    ];

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static ScenarioPlan Read(string json, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Lenient);
            TextCheck.Check(file, "$", document.RootElement);
            return Read(ScenarioNode.Root(file, document.RootElement), file);
        }
        catch (JsonException exception)
        {
            throw new ScenarioException($"{file}: $: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: must be valid JSON: {FirstSentence(exception.Message)}", exception);
        }
    }

    private static ScenarioPlan Read(ScenarioNode root, string file)
    {
        root.AllowOnly(Keys);
        string name = root.FindText("name") ?? Path.GetFileNameWithoutExtension(file);
        string? description = root.FindLine("description");
        long seed = root.FindInteger("seed", 0, long.MaxValue) ?? 1;
        double duration = root.FindNumber("durationSeconds", $"must be a number above 0, at most {LongestSeconds}", seconds => seconds is >= 1e-3 and <= LongestSeconds)
            ?? throw root.Problem("durationSeconds", $"must be a number above 0, at most {LongestSeconds}");
        double warmUp = root.FindNumber("warmupSeconds", FormattableString.Invariant($"must be a number, 0 or more, below durationSeconds, which is {duration}"), seconds => seconds >= 0 && seconds < duration) ?? 0;
        int clients = (int)(root.FindInteger("clients", 1, MostClients) ?? 1);
        IReadOnlyList<Locality> localities = ReadClientLocalities(root, clients);
        ArrivalPlan arrivals = ArrivalsReader.Read(root, duration);
        KeyPlan? keys = ReadKeys(root);
        long responseBytes = root.FindInteger("responseBytes", 0, int.MaxValue) ?? 1024;
        double timeout = root.FindNumber("timeoutSeconds", $"must be a number above 0, at most {LongestSeconds}", seconds => seconds is > 0 and <= LongestSeconds) ?? ScenarioPlan.DefaultTimeout;
        bool cancelOnTimeout = root.FindBoolean("cancelOnTimeout") ?? true;
        int? attempts = (int?)root.FindInteger("attempts", 1, RetryOptions.MostAttempts);
        BalancerSection balancer = BalancerSection.Read(root);
        IReadOnlyList<string> policies = ReadPolicies(root, balancer);
        IReadOnlyList<BackendGroup> groups = BackendsReader.Read(root, duration);
        return new ScenarioPlan
        {
            Name = name,
            Description = description,
            File = file,
            Seed = seed,
            Duration = duration,
            WarmUp = warmUp,
            Clients = clients,
            ClientLocalities = localities,
            Arrivals = arrivals,
            Keys = keys,
            ResponseBytes = responseBytes,
            Timeout = timeout,
            CancelOnTimeout = cancelOnTimeout,
            Attempts = attempts,
            Balancer = balancer,
            Policies = policies,
            Groups = groups,
        };
    }

    private static Locality[] ReadClientLocalities(ScenarioNode root, int clients)
    {
        if (root.FindList("clientLocalities", "must be a list of objects with region, zone, subZone") is not { } list)
        {
            return [];
        }

        return list.Count >= 1 && list.Count <= clients
            ? [.. list.Select(BackendsReader.ReadLocality)]
            : throw root.Problem("clientLocalities", FormattableString.Invariant($"must have at least one place, and no more than there are clients, which are {clients}"));
    }

    private static string[] ReadPolicies(ScenarioNode root, BalancerSection balancer)
    {
        if (root.FindTexts("policies", "must be a list of at least one policy, such as [ \"round_robin\", \"least_request:FullScan=true\" ]") is not { } policies)
        {
            return [balancer.Policy];
        }

        foreach ((string text, string origin) in policies)
        {
            balancer.Check(PolicyChoice.Parse(text, origin));
        }

        return [.. policies.Select(policy => policy.Text)];
    }

    private static KeyPlan? ReadKeys(ScenarioNode root)
    {
        if (root.FindObject("keys", "must be an object with count") is not { } keys)
        {
            return null;
        }

        const string requirement = "must be a whole number from 1 to 1000000";
        keys.AllowOnly("count", "skew");
        return new KeyPlan((int)(keys.FindInteger("count", 1, MostKeys) ?? throw keys.Problem("count", requirement)), keys.FindNumber("skew", 0, HighestSkew) ?? 0);
    }

    /// <summary>Without the position, which the parser appends.</summary>
    private static string FirstSentence(string message) => message.Split(" LineNumber:", 2)[0].ReplaceLineEndings(" ");
}
