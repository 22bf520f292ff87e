using System.Globalization;
using System.Text.Json.Nodes;

namespace LoadBalancing.Client.Simulation.Tests.Scenarios;

/// <summary>Whatever is wrong is one line: file, path, value, what is allowed.</summary>
public sealed class ScenarioErrorTests
{
    private const string Valid = """
        {
          "durationSeconds": 10, "arrivals": { "ratePerSecond": 100 },
          "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 } }, { "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 1, "down": true } ] } ]
        }
        """;

    private const string Policies = "ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin";

    [Theory]
    [InlineData("name", "\"\"", "$.name = \"\": must be a text that is not empty")]
    [InlineData("name", "5", "$.name = 5: must be a text that is not empty")]
    [InlineData("seed", "-1", "$.seed = -1: must be a whole number from 0 to 9223372036854775807")]
    [InlineData("seed", "1.5", "$.seed = 1.5: must be a whole number from 0 to 9223372036854775807")]
    [InlineData("durationSeconds", "0", "$.durationSeconds = 0: must be a number above 0, at most 86400")]
    [InlineData("durationSeconds", "\"10\"", "$.durationSeconds = \"10\": must be a number above 0, at most 86400")]
    [InlineData("durationSeconds", "1e400", "$.durationSeconds = 1e400: must be a number above 0, at most 86400")]
    [InlineData("durationSeconds", "null", "$.durationSeconds = null: must be a number above 0, at most 86400")]
    [InlineData("warmupSeconds", "10", "$.warmupSeconds = 10: must be a number, 0 or more, below durationSeconds, which is 10")]
    [InlineData("clients", "0", "$.clients = 0: must be a whole number from 1 to 10000")]
    [InlineData("clientLocalities", "[ { \"zone\": \"a\" }, { \"zone\": \"b\" } ]", "$.clientLocalities = [ { \"zone\": \"a\" }, { \"zone\": \"b\" } ]: must have at least one place, and no more than there are clients, which are 1")]
    [InlineData("clientLocalities", "[ { \"zone\": 5 } ]", "$.clientLocalities[0].zone = 5: must be a text that is not empty")]
    [InlineData("arrivals", "100", "$.arrivals = 100: must be an object such as { \"process\": \"poisson\", \"ratePerSecond\": 1000 }")]
    [InlineData("arrivals", "{}", "$.arrivals.ratePerSecond: is missing; must be a number above 0, at most 10000000")]
    [InlineData("arrivals", "{ \"ratePerSecond\": 0 }", "$.arrivals.ratePerSecond = 0: must be a number above 0, at most 10000000")]
    [InlineData("arrivals", "{ \"ratePerSecond\": 1, \"process\": \"steady\" }", "$.arrivals.process = \"steady\": must be one of poisson, uniform")]
    [InlineData("arrivals", "{ \"ratePerSecond\": 1, \"proces\": \"uniform\" }", "$.arrivals.proces: unknown key; allowed: process, ratePerSecond, events")]
    [InlineData("arrivals", "{ \"ratePerSecond\": 10000001 }", "$.arrivals.ratePerSecond = 10000001: must be a number above 0, at most 10000000")]
    [InlineData("arrivals", "{ \"ratePerSecond\": 1, \"events\": [ { \"atSeconds\": 1 } ] }", "$.arrivals.events[0].ratePerSecond: is missing; must be a number, 0 or more, at most 10000000")]
    [InlineData("durationSeconds", "1000001e-1", "$.durationSeconds = 1000001e-1: must be a number above 0, at most 86400")]
    [InlineData("keys", "{ \"skew\": 1 }", "$.keys.count: is missing; must be a whole number from 1 to 1000000")]
    [InlineData("responseBytes", "-1", "$.responseBytes = -1: must be a whole number from 0 to 2147483647")]
    [InlineData("timeoutSeconds", "0", "$.timeoutSeconds = 0: must be a number above 0, at most 86400")]
    [InlineData("cancelOnTimeout", "1", "$.cancelOnTimeout = 1: must be true or false")]
    [InlineData("attempts", "0", "$.attempts = 0: must be a whole number from 1 to 10")]
    [InlineData("description", "\"\"", "$.description = \"\": must be a text that is not empty")]
    [InlineData("description", "\"two\\nlines\"", "$.description = \"two\\nlines\": must be one line of text")]
    [InlineData("policies", "\"random\"", "$.policies = \"random\": must be a list of at least one policy, such as [ \"round_robin\", \"least_request:FullScan=true\" ]")]
    [InlineData("policies", "[]", "$.policies = []: must be a list of at least one policy, such as [ \"round_robin\", \"least_request:FullScan=true\" ]")]
    [InlineData("policies", "[ \"random\", 5 ]", "$.policies[1] = 5: must be a text that is not empty")]
    [InlineData("policies", "[ \"random\", \"maglev\", \"random\" ]", "$.policies[2] = \"random\": must be there once")]
    [InlineData("policies", "[ \"random\", \"best\" ]", "$.policies[1] = \"best\": Policy = \"best\": must be the name of a policy: " + Policies)]
    [InlineData("policies", "[ \"least_request:FullScann=true\" ]", "$.policies[0] = \"least_request:FullScann=true\": PolicyOptions.FullScann: unknown key; allowed: ChoiceCount, FullScan")]
    [InlineData("policies", "[ \"least_request:FullScan\" ]", "$.policies[0] = \"least_request:FullScan\": 'FullScan': must be an option and its value, such as FullScan=true")]
    [InlineData("backends", "[]", "$.backends = []: must be a list of at least one object such as { \"count\": 10, \"latency\": { \"distribution\": \"exponential\", \"meanMs\": 50 } }")]
    [InlineData("backends", "[ 5 ]", "$.backends[0] = 5: must be an object")]
    [InlineData("attempt", "3", "$.attempt: unknown key; allowed: name, description, seed, durationSeconds, warmupSeconds, clients, clientLocalities, arrivals, keys, responseBytes, timeoutSeconds, cancelOnTimeout, attempts, balancer, policies, backends")]
    public void Parse_BadValue_IsOneLine(string key, string value, string problem) => Problem(scenario => scenario[key] = JsonNode.Parse(value), problem);

    [Theory]
    [InlineData("count", "0", "$.backends[1].count = 0: must be a whole number from 1 to 9999")]
    [InlineData("id", "\"b0\"", "$.backends[1].id = \"b0\": must be unique, and 'b0' is that of another backend")]
    [InlineData("weight", "-1", "$.backends[1].weight = -1: must be a number from 0 to 1000000000")]
    [InlineData("concurrency", "-1", "$.backends[1].concurrency = -1: must be a whole number from 0 to 1000000")]
    [InlineData("concurrency", "1.5", "$.backends[1].concurrency = 1.5: must be a whole number from 0 to 1000000")]
    [InlineData("errorRate", "1.5", "$.backends[1].errorRate = 1.5: must be a number from 0 to 1")]
    [InlineData("errorLatencyMs", "-1", "$.backends[1].errorLatencyMs = -1: must be a number from 0 to 1000000000")]
    [InlineData("priority", "-1", "$.backends[1].priority = -1: must be a whole number from 0 to 2147483647")]
    [InlineData("maxConcurrency", "0", "$.backends[1].maxConcurrency = 0: must be a whole number from 1 to 2147483647")]
    [InlineData("locality", "{ \"Zone\": \"a\" }", "$.backends[1].locality.Zone: unknown key; allowed: region, zone, subZone")]
    [InlineData("latency", "{ \"distribution\": \"gamma\", \"meanMs\": 1 }", "$.backends[1].latency.distribution = \"gamma\": must be one of constant, uniform, normal, exponential, lognormal")]
    [InlineData("latency", "{ \"meanMs\": 1 }", "$.backends[1].latency.distribution: is missing; must be one of constant, uniform, normal, exponential, lognormal")]
    [InlineData("latency", "{ \"distribution\": \"constant\" }", "$.backends[1].latency.meanMs: is missing; must be a number from 0 to 1000000000")]
    [InlineData("latency", "{ \"distribution\": \"constant\", \"meanMs\": -5 }", "$.backends[1].latency.meanMs = -5: must be a number from 0 to 1000000000")]
    [InlineData("latency", "{ \"distribution\": \"constant\", \"meanMs\": 5, \"spreadMs\": 1 }", "$.backends[1].latency.spreadMs = 1: must be 0 or not there: only uniform and normal have a spread")]
    [InlineData("latency", "{ \"distribution\": \"constant\", \"meanMs\": 5, \"sigma\": 1 }", "$.backends[1].latency.sigma: unknown key; allowed: distribution, meanMs, spreadMs")]
    [InlineData("latency", "{ \"distribution\": \"uniform\", \"meanMs\": 5, \"spreadMs\": 6 }", "$.backends[1].latency.spreadMs = 6: must be a number from 0 to 5")]
    [InlineData("latency", "{ \"distribution\": \"lognormal\", \"meanMs\": 5 }", "$.backends[1].latency.sigma: is missing; must be a number from 0 to 10")]
    [InlineData("events", "{}", "$.backends[1].events = {}: must be a list of events")]
    [InlineData("wieght", "1", "$.backends[1].wieght: unknown key; allowed: id, count, latency, errorRate, errorLatencyMs, down, hang, concurrency, ignoresCancellation, weight, removed, locality, priority, maxConcurrency, events")]
    public void Parse_BadBackend_IsOneLine(string key, string value, string problem) => Problem(scenario => scenario["backends"]![1]![key] = JsonNode.Parse(value), problem);

    [Theory]
    [InlineData("atSeconds", "10", "$.backends[1].events[0].atSeconds = 10: must be a number, 0 or more, below durationSeconds, which is 10")]
    [InlineData("untilSeconds", "1", "$.backends[1].events[0].untilSeconds = 1: must be a number above atSeconds, which is 1, by 0.001 at least, and at most 1000000")]
    [InlineData("everySeconds", "3", "$.backends[1].events[0].everySeconds = 3: must come with untilSeconds")]
    [InlineData("staggerSeconds", "-3", "$.backends[1].events[0].staggerSeconds = -3: must be a number from 0 to 1000000")]
    [InlineData("down", "\"yes\"", "$.backends[1].events[0].down = \"yes\": must be true or false")]
    [InlineData("hang", "0", "$.backends[1].events[0].hang = 0: must be true or false")]
    [InlineData("removed", "0", "$.backends[1].events[0].removed = 0: must be true or false")]
    [InlineData("latency", "5", "$.backends[1].events[0].latency = 5: must be an object such as { \"distribution\": \"exponential\", \"meanMs\": 50 }")]
    [InlineData("errorrate", "1", "$.backends[1].events[0].errorrate: unknown key; allowed: atSeconds, untilSeconds, everySeconds, staggerSeconds, latency, errorRate, errorLatencyMs, down, hang, concurrency, ignoresCancellation, weight, removed")]
    public void Parse_BadEvent_IsOneLine(string key, string value, string problem) => Problem(scenario => scenario["backends"]![1]!["events"]![0]![key] = JsonNode.Parse(value), problem);

    [Fact]
    public void Parse_MoreRepeatsThanMemory_IsOneLine() => Problem(
        scenario =>
        {
            scenario["durationSeconds"] = 86_400;
            scenario["backends"]![1]!["events"]![0] = JsonNode.Parse("""{ "atSeconds": 0, "untilSeconds": 0.001, "everySeconds": 0.002, "down": true }""");
        },
        "$.backends[1].events[0].everySeconds = 0.002: must be so much that there are at most 100000 repeats before durationSeconds, which is 86400");

    [Fact]
    public void Parse_MoreRequestsThanMemory_IsOneLine() => Problem(
        scenario =>
        {
            scenario["durationSeconds"] = 100;
            scenario["arrivals"]!["ratePerSecond"] = 2_000_000;
        },
        "$.arrivals.ratePerSecond = 2000000: must give at most 100000000 requests over durationSeconds, and gives 200000000");

    [Fact]
    public void Parse_EventThatSetsNothing_IsOneLine() => Problem(
        scenario => scenario["backends"]![1]!["events"]![0] = JsonNode.Parse("""{ "atSeconds": 1 }"""),
        "$.backends[1].events[0] = { \"atSeconds\": 1 }: must set something: latency, errorRate, errorLatencyMs, down, hang, concurrency, ignoresCancellation, weight, removed");

    /// <summary>That it is missing says less.</summary>
    [Theory]
    [InlineData("$", "durationSeconds", "durationSecond")]
    [InlineData("$", "arrivals", "arival")]
    [InlineData("$.arrivals", "ratePerSecond", "rate")]
    [InlineData("$.backends[1]", "latency", "Latency")]
    [InlineData("$.backends[1].latency", "distribution", "distrbution")]
    [InlineData("$.backends[1].latency", "meanMs", "mean")]
    [InlineData("$.backends[1].events[0]", "atSeconds", "at")]
    public void Parse_RequiredKeyMisspelled_NamesTheMisspelling(string path, string key, string misspelled)
    {
        JsonObject scenario = JsonNode.Parse(Valid)!.AsObject();
        JsonNode node = path.Split('.').Skip(1).Aggregate((JsonNode)scenario, (place, step) => step.Split('[', ']') is [var name, var index, ..] ? place[name]![int.Parse(index, CultureInfo.InvariantCulture)]! : place[step]!);
        JsonNode value = node[key]!.DeepClone();
        node.AsObject().Remove(key);
        node[misspelled] = value;

        string message = Should.Throw<ScenarioException>(() => Parse(scenario.ToJsonString())).Message;

        message.ShouldStartWith($"bad.json: {path}.{misspelled}: unknown key; allowed: ");
        message.ShouldContain(key);
    }

    [Fact]
    public void Parse_EventWithoutATime_IsOneLine() => Problem(
        scenario => scenario["backends"]![1]!["events"]![0]!.AsObject().Remove("atSeconds"),
        "$.backends[1].events[0].atSeconds: is missing; must be a number, 0 or more, below durationSeconds, which is 10");

    [Theory]
    [InlineData("""{ "OutlierDetection": { "Enabeld": true } }""", "$.balancer.OutlierDetection.Enabeld: unknown key; allowed: BaseEjectionTime, ConsecutiveFailures, Enabled, FailurePercentage, Interval, MaxEjectionPercent, MaxEjectionTime, MaxEjectionTimeJitter, SuccessRate")]
    [InlineData("""{ "CircuitBreaker": { "FailureRatio": 7 } }""", "$.balancer.CircuitBreaker.FailureRatio = \"7\": must be a finite number from 0.001 to 1")]
    [InlineData("""{ "CircuitBreaker": true }""", "$.balancer.CircuitBreaker = \"True\": must be a section with keys of its own")]
    [InlineData("""{ "Policy": "best" }""", "$.balancer.Policy = \"best\": must be the name of a policy: " + Policies)]
    [InlineData("""{ "PolicyOptions": { "FullScann": true } }""", "$.balancer.PolicyOptions.FullScann: unknown key; allowed: ChoiceCount, FullScan")]
    [InlineData("""{ "SlowStart": { "Window": 30 } }""", "$.balancer.SlowStart.Window = \"30\": must be a time from 00:00:01 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("""{ "Backends": { "a": "http://localhost" } }""", "$.balancer.Backends: must not be there: the backends of a scenario are those in $.backends")]
    [InlineData("""{ "dns": { "Host": "localhost" } }""", "$.balancer.dns: must not be there: the backends of a scenario are those in $.backends")]
    [InlineData("""{ "CircuitBreaker": { "Enabled:": true } }""", "$.balancer.CircuitBreaker.Enabled:: must have a name that is not empty and has neither colon nor equals sign")]
    [InlineData("""{ "": true }""", "$.balancer.: must have a name that is not empty and has neither colon nor equals sign")]
    [InlineData("""{ "Policy": "\ud800" }""", "$.balancer.Policy: must be text: it has one half of a surrogate pair (\\ud800 to \\udfff) without the other")]
    [InlineData("""{ "Policy": "a\n\u001b[0mb" }""", "$.balancer.Policy = \"a  [0mb\": must be the name of a policy: " + Policies)]
    [InlineData("""{ "FailClosed": true, "failclosed": false }""", "$.balancer.failclosed: is there twice (upper and lower case are the same here); must be there once")]
    [InlineData("5", "$.balancer = 5: must be an object with keys of a balancer's configuration")]
    public void Parse_BadBalancer_IsOneLineInTheWordsOfConfiguration(string balancer, string problem)
    {
        string message = Should.Throw<ScenarioException>(() => Parse(Valid.Replace("\"durationSeconds\"", $"\"balancer\": {balancer}, \"durationSeconds\"", StringComparison.Ordinal))).Message;

        message.ShouldBe("bad.json: " + problem);
    }

    [Theory]
    [InlineData("", "bad.json: $: line 1, byte 1: must be valid JSON: ")]
    [InlineData("{ \"name\": \"a\",\n  name: 5 }", "bad.json: $: line 2, byte 3: must be valid JSON: ")]
    [InlineData("[]", "bad.json: $ = []: must be an object with arrivals and backends")]
    [InlineData("{}", "bad.json: $.durationSeconds: is missing; must be a number above 0, at most 86400")]
    [InlineData("""{ "durationSeconds": 1, "durationSeconds": 1 }""", "bad.json: $.durationSeconds: is there twice; must be there once")]
    [InlineData("""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 1 } }""", "bad.json: $.backends: is missing; must be a list of at least one object such as")]
    public void Parse_NoScenario_IsOneLine(string json, string beginning)
    {
        string message = Should.Throw<ScenarioException>(() => Parse(json)).Message;

        message.ShouldStartWith(beginning);
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void Parse_LongValue_IsCutShort()
    {
        string message = Should.Throw<ScenarioException>(() => Parse($$"""{ "durationSeconds": 1, "arrivals": [ {{string.Join(",\n", Enumerable.Range(0, 100))}} ] }""")).Message;

        message.ShouldStartWith("bad.json: $.arrivals = [ 0, 1, 2,");
        message.ShouldContain("…: must be an object");
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void Load_Folder_IsOneLine() => Should.Throw<ScenarioException>(() => Scenario.Load(Path.GetTempPath())).Message.ShouldEndWith(": cannot be read: it is a folder");

    [Fact]
    public void Load_NoSuchFile_IsOneLine() => Should.Throw<ScenarioException>(() => Scenario.Load("no-such-file.json")).Message.ShouldStartWith("no-such-file.json: cannot be read: ");

    [Theory]
    [InlineData("best", "policy \"best\": Policy = \"best\": must be the name of a policy: " + Policies)]
    [InlineData("", "policy \"\": Policy = \"\": must be the name of a policy: " + Policies)]
    [InlineData("least_request:ChoiceCount=0", "policy \"least_request:ChoiceCount=0\": PolicyOptions.ChoiceCount = \"0\": must be a whole number, 1 or more")]
    [InlineData("round_robin:ChoiceCount=2", "policy \"round_robin:ChoiceCount=2\": PolicyOptions.ChoiceCount: unknown key; allowed: none")]
    [InlineData("least_request:FullScan", "policy \"least_request:FullScan\": 'FullScan': must be an option and its value, such as FullScan=true")]
    public void Run_BadPolicy_IsOneLine(string policy, string problem) => Should.Throw<ScenarioException>(() => Simulator.Run(Parse(Valid), policy)).Message.ShouldBe(problem);

    private static Scenario Parse(string json) => Scenario.Parse(json, "bad.json");

    private static void Problem(Action<JsonObject> spoil, string problem)
    {
        JsonObject scenario = JsonNode.Parse(Valid)!.AsObject();
        spoil(scenario);

        string json = scenario.ToJsonString();
        Spaceless(Should.Throw<ScenarioException>(() => Parse(json)).Message).ShouldBe(Spaceless("bad.json: " + problem));
    }

    /// <summary>The spaces within a quoted value are those of the file, which is written anew here.</summary>
    private static string Spaceless(string message) => message.Replace(" ", "", StringComparison.Ordinal);
}
