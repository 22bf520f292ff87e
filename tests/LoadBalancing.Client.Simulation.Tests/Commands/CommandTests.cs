using System.CommandLine;
using System.Text.Json;
using LoadBalancing.Client.Simulation.Commands;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests.Commands;

/// <summary>The tool as it is called, with files of its own.</summary>
public sealed class CommandTests : IDisposable
{
    /// <summary>Nothing in it needs a logarithm, of which each platform has its own last digit.</summary>
    private const string Scenario = """
        {
          "name": "one-slow", "durationSeconds": 10, "warmupSeconds": 1, "arrivals": { "process": "uniform", "ratePerSecond": 200 }, "timeoutSeconds": 0.3, "attempts": 2,
          "backends": [
            { "count": 3, "latency": { "distribution": "uniform", "meanMs": 50, "spreadMs": 40 } },
            { "id": "slow", "errorRate": 0.1, "latency": { "distribution": "uniform", "meanMs": 200, "spreadMs": 150 } } ]
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lb-sim-tests-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Run_SeveralPolicies_ReportsOnTheConsole()
    {
        Call("run", Write("a.json", Scenario), "--policy", "round_robin,least_request", "--policy", "peak_ewma").ShouldBe(0);

        Verified.Match(_output.ToString());
        _error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_Json_IsAsDesigned()
    {
        Call("run", Write("a.json", Scenario), "--policy", "round_robin", "--json", File("out.json")).ShouldBe(0);

        Verified.Match(Read("out.json"));
    }

    [Fact]
    public void Run_Html_WritesTheSamePageTwice()
    {
        string scenario = Write("a.json", Scenario);

        Call("run", scenario, "--policy", "round_robin,peak_ewma", "--html", File("first.html")).ShouldBe(0);
        Call("run", scenario, "--policy", "round_robin,peak_ewma", "--html", File("second.html")).ShouldBe(0);

        Read("first.html").ShouldStartWith("<!DOCTYPE html>");
        Read("second.html").ShouldBe(Read("first.html"));
        Read("first.html").ShouldNotContain(_folder.Name);
    }

    [Theory]
    [InlineData("--html")]
    [InlineData("--json")]
    public void Run_FileCannotBeWritten_IsOneLineAndExitCode2(string option)
    {
        Call("run", Write("a.json", Scenario), option, File("missing/out")).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("missing/out: cannot be written: ");
        _output.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--html", "missing/out", "out: cannot be written: there is no such folder")]
    [InlineData("--json", ".", ".: is a folder; must be a file")]
    [InlineData("--json", "-", "--json -: must be a file")]
    public void Run_FileThatCannotBe_IsSaidBeforeTheRun(string option, string path, string problem)
    {
        // A day of traffic would not be over before this test is.
        string scenario = Write("a.json", Scenario.Replace("\"durationSeconds\": 10", "\"durationSeconds\": 86400", StringComparison.Ordinal));

        Call("run", scenario, option, path == "-" ? path : File(path)).ShouldBe(2);

        _error.ToString().Trim().ShouldEndWith(problem);
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_Twice_WritesTheSameBytes()
    {
        string scenario = Write("a.json", Scenario);

        Call("run", scenario, "--policy", "least_request,peak_ewma,random", "--json", File("first.json")).ShouldBe(0);
        Call("run", scenario, "--policy", "random,peak_ewma,least_request", "--json", File("second.json")).ShouldBe(0);

        Dictionary<string, string> first = ByPolicy("first.json");
        Dictionary<string, string> second = ByPolicy("second.json");
        first.Count.ShouldBe(3);
        second.ShouldBe(first, ignoreOrder: true);
    }

    [Fact]
    public void Run_WithoutPolicy_UsesThatOfTheScenario()
    {
        Call("run", Write("a.json", Scenario.Replace("\"attempts\"", "\"balancer\": { \"Policy\": \"maglev\" }, \"attempts\"", StringComparison.Ordinal)), "--json", File("out.json")).ShouldBe(0);

        ByPolicy("out.json").Keys.ShouldBe(["maglev"]);
        _output.ToString().ShouldContain("give the scenario some with \"keys\"");
    }

    [Fact]
    public void Run_ScenarioWithDescriptionAndPolicies_ShowsTheOneAndPlaysTheOthers()
    {
        string scenario = Write("a.json", Scenario.Replace("\"attempts\"", "\"description\": \"Look at the slow one.\", \"policies\": [ \"random\", \"peak_ewma:Decay=00:00:05\" ], \"attempts\"", StringComparison.Ordinal));

        Call("run", scenario, "--json", File("its-own.json")).ShouldBe(0);
        Call("run", scenario, "--policy", "maglev", "--json", File("asked.json")).ShouldBe(0);

        ByPolicy("its-own.json").Keys.ShouldBe(["random", "peak_ewma:Decay=00:00:05"]);
        ByPolicy("asked.json").Keys.ShouldBe(["maglev"]);
        _output.ToString().Split(Environment.NewLine)[..3].ShouldBe(["one-slow", "Look at the slow one.", ""]);
    }

    [Fact]
    public void Run_Seed_IsUsedInPlaceOfThatOfTheScenario()
    {
        Call("run", Write("a.json", Scenario), "--seed", "2", "--json", File("other.json")).ShouldBe(0);
        Call("run", Write("b.json", Scenario.Replace("\"name\"", "\"seed\": 2, \"name\"", StringComparison.Ordinal)), "--json", File("same.json")).ShouldBe(0);
        Call("run", File("a.json"), "--json", File("first.json")).ShouldBe(0);

        Read("other.json").ShouldBe(Read("same.json"));
        Read("other.json").ShouldNotBe(Read("first.json"));
    }

    [Fact]
    public void Compare_TwoRuns_ShowsThemSideBySide()
    {
        string scenario = Write("scenario.json", Scenario);
        Call("run", scenario, "--policy", "round_robin,least_request", "--json", File("a.json"));
        Call("run", scenario, "--policy", "least_request,random", "--seed", "2", "--json", File("b.json"));
        _output.GetStringBuilder().Clear();

        Call("compare", File("a.json"), File("b.json")).ShouldBe(0);

        Verified.Match(_output.ToString());
    }

    [Fact]
    public void Compare_FilesOfOneName_AreToldByTheirFolders()
    {
        string scenario = Write("scenario.json", Scenario);
        _folder.CreateSubdirectory("other");
        Call("run", scenario, "--json", File("a.json"));
        Call("run", scenario, "--json", File("other/a.json"));

        Call("compare", File("a.json"), File("other/a.json")).ShouldBe(0);

        _output.ToString().ShouldContain(File("other/a.json"));
    }

    [Fact]
    public void Compare_OnePolicyEach_ShowsThemSideBySide()
    {
        string scenario = Write("scenario.json", Scenario);
        Call("run", scenario, "--policy", "round_robin", "--json", File("a.json"));
        Call("run", scenario, "--policy", "random", "--json", File("b.json"));
        _output.GetStringBuilder().Clear();

        Call("compare", File("a.json"), File("b.json")).ShouldBe(0);

        _output.ToString().Split('\n')[0].ShouldContain("round_robin (");
        _output.ToString().Split('\n')[0].ShouldContain("random (");
    }

    [Fact]
    public void Compare_NoPolicyInCommon_IsOneLineAndExitCode2()
    {
        string scenario = Write("scenario.json", Scenario);
        Call("run", scenario, "--policy", "round_robin,least_request", "--json", File("a.json"));
        Call("run", scenario, "--policy", "random", "--json", File("b.json"));

        Call("compare", File("a.json"), File("b.json")).ShouldBe(2);

        _error.ToString().Trim().ShouldBe("a.json and b.json: no policy in common: round_robin, least_request and random; must have one, or each only one policy");
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("\"ratePerSecond\": 200", "\"ratePerSecond\": 201", "The numbers of requests differ: these are runs of different scenarios, or with different seeds.")]
    [InlineData("\"count\": 3", "\"count\": 4", "The backends are not the same: these are runs of different scenarios.")]
    public void Compare_OtherTraffic_SaysSo(string what, string other, string? warning)
    {
        Call("run", Write("scenario.json", Scenario), "--json", File("a.json"));
        Call("run", Write("other.json", what.Length == 0 ? Scenario : Scenario.Replace(what, other, StringComparison.Ordinal)), "--json", File("b.json"));
        _output.GetStringBuilder().Clear();

        Call("compare", File("a.json"), File("b.json")).ShouldBe(0);

        _output.ToString().Split(Environment.NewLine).FirstOrDefault(line => line.StartsWith("The ", StringComparison.Ordinal)).ShouldBe(warning);
    }

    [Fact]
    public void Results_Folder_BecomesAPageWithCharts()
    {
        _folder.CreateSubdirectory("scenarios");
        Write("scenarios/steady.json", Scenario.Replace("one-slow", "steady", StringComparison.Ordinal));
        Write("scenarios/steady-with-a-rise.json", Scenario.Replace("\"arrivals\": {", "\"description\": \"Look at the rise.\", \"policies\": [ \"random\", \"least_request\" ], \"arrivals\": { \"events\": [ { \"atSeconds\": 5, \"untilSeconds\": 6, \"ratePerSecond\": 400 } ],", StringComparison.Ordinal));

        Call("results", File("scenarios"), File("page.md")).ShouldBe(0);

        Directory.EnumerateFiles(File("page")).Select(Path.GetFileName).ShouldBe(["steady-latency.svg", "steady-with-a-rise-latency.svg", "steady-with-a-rise-time.svg"], ignoreOrder: true);
        string page = Read("page.md");
        Verified.Match(page);

        Call("results", File("scenarios"), File("page.md")).ShouldBe(0);
        Read("page.md").ShouldBe(page);
    }

    [Theory]
    [InlineData("{ \"durationSeconds\": -1 }", "b.json: $.durationSeconds = -1: must be a number above 0, at most 86400")]
    [InlineData(null, "scenarios: has no *.json; must be a folder with scenario files")]
    public void Results_BadFile_IsOneLineAndNothingIsWritten(string? json, string problem)
    {
        _folder.CreateSubdirectory("scenarios");
        if (json is not null)
        {
            Write("scenarios/a.json", Scenario);
            Write("scenarios/b.json", json);
        }

        Call("results", File("scenarios"), File("page.md")).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(problem);
        _folder.EnumerateFileSystemInfos().ShouldHaveSingleItem().Name.ShouldBe("scenarios");
    }

    [Fact]
    public void Results_NoFolder_IsOneLineAndExitCode2()
    {
        Call("results", File("missing"), File("page.md")).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("missing: cannot be read: ");
    }

    [Theory]
    [InlineData("{ \"durationSeconds\": -1 }", "a.json: $.durationSeconds = -1: must be a number above 0, at most 86400")]
    [InlineData("no json", "a.json: $: line 1, byte 2: must be valid JSON: ")]
    public void Run_BadScenario_IsOneLineAndExitCode2(string json, string problem)
    {
        Call("run", Write("a.json", json)).ShouldBe(2);

        string[] lines = _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldHaveSingleItem().ShouldStartWith(_folder.FullName + Path.DirectorySeparatorChar + problem);
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_LastPolicyIsUnknown_SaysSoBeforeAnyRun()
    {
        // A day of traffic would not be over before this test is.
        string scenario = Write("a.json", Scenario.Replace("\"durationSeconds\": 10", "\"durationSeconds\": 86400", StringComparison.Ordinal));

        Call("run", scenario, "--policy", "least_request,best").ShouldBe(2);

        _error.ToString().ShouldStartWith("--policy best: Policy = \"best\": must be the name of a policy");
    }

    [Theory]
    [InlineData("missing.json", "cannot be read")]
    [InlineData("scenario.json", "must be a list of results, as run --json writes it")]
    public void Compare_NoResults_IsOneLineAndExitCode2(string file, string problem)
    {
        Write("scenario.json", Scenario);

        Call("compare", File(file), File(file)).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(problem);
    }

    [Theory]
    [InlineData("", "the command: is missing; allowed: run, compare, results")]
    [InlineData("bogus", "bogus: unknown command; allowed: run, compare, results")]
    [InlineData("--foo", "--foo: unknown option; allowed: --help, --version")]
    [InlineData("run", "<scenario>: is missing; must be: lb-sim run <scenario> [options]")]
    [InlineData("run a.json b.json", "b.json: one argument too many; must be: lb-sim run <scenario> [options]")]
    [InlineData("run --polcy=random a.json", "--polcy=random: unknown option; allowed: --policy, --seed, --json, --html")]
    [InlineData("run a.json --polcy random", "--polcy: unknown option; allowed: --policy, --seed, --json, --html")]
    [InlineData("run a.json --seed x", "--seed x: must be a whole number from 0 to 9223372036854775807")]
    [InlineData("run a.json --seed -1", "--seed -1: must be a whole number from 0 to 9223372036854775807")]
    [InlineData("run a.json --json", "Required argument missing for option: '--json'.")]
    [InlineData("run @a.json", "@a.json: cannot be read: ")]
    [InlineData("compare a.json", "<second>: is missing; must be: lb-sim compare <first> <second> [options]")]
    public void Call_BadArguments_IsOneLineAndExitCode2(string arguments, string problem)
    {
        Call(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith(problem);
        _output.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<scenario>: is empty; must be: lb-sim run <scenario> [options]", "run", "")]
    [InlineData("--json: is empty; must be the name of a file", "run", "a.json", "--json", " ")]
    [InlineData("--policy: is empty; must be policies, separated by commas, of ip_hash, least_bandwidth, ", "run", "a.json", "--policy", "")]
    [InlineData("--policy: is empty; must be policies, separated by commas, of ip_hash, least_bandwidth, ", "run", "a.json", "--policy", " , ")]
    [InlineData("--seed: is empty; must be a whole number from 0 to 9223372036854775807", "run", "a.json", "--seed", "")]
    [InlineData("<second>: is empty; must be: lb-sim compare <first> <second> [options]", "compare", "a.json", "")]
    [InlineData("an argument is empty; must not be there", "run", "a.json", "")]
    [InlineData("an argument is empty; must not be there", "")]
    public void Call_EmptyArgument_IsOneLineThatNamesItAndExitCode2(string problem, params string[] arguments)
    {
        Call(arguments).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith(problem);
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Call_HelpOfRun_ListsThePolicies()
    {
        Call("run", "--help").ShouldBe(0);

        string help = string.Join(' ', _output.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        help.ShouldContain("ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin.");
    }

    [Fact]
    public void Call_Help_NamesTheToolAndHasAnExample()
    {
        Call("--help").ShouldBe(0);

        _output.ToString().ShouldContain("lb-sim [command] [options]");
        _output.ToString().ShouldContain("lb-sim run scenario.json --policy");
        _error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Call_HelpAmongBadArguments_Helps()
    {
        Call("run", "--help", "--seed", "x").ShouldBe(0);

        _output.ToString().ShouldContain("lb-sim run <scenario> [options]");
    }

    [Fact]
    public void Call_Version_IsANumber()
    {
        Call("--version").ShouldBe(0);

        _output.ToString().ShouldMatch("^[0-9]+[.][0-9]+[.][0-9]+");
    }

    [Theory]
    [InlineData(0, "$: line 1, byte 1: must be valid JSON: ")]
    [InlineData(100, "$: line 1, byte 1: must be valid JSON: ")]
    [InlineData(40_000_000, "is too long: must have at most 33554432 characters")]
    public void Run_FileThatIsNoText_IsOneLineAndExitCode2(int length, string problem)
    {
        System.IO.File.WriteAllBytes(File("a.json"), [.. Enumerable.Repeat((byte)7, length)]);

        Call("run", File("a.json")).ShouldBe(2);

        _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith($"{File("a.json")}: {problem}");
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public void Run_ByteOrderMark_IsNoPartOfTheText(string encoding)
    {
        System.IO.File.WriteAllText(File("a.json"), Scenario, System.Text.Encoding.GetEncoding(encoding));

        Call("run", File("a.json")).ShouldBe(0);
    }

    private int Call(params string[] arguments) => CommandLine.Invoke([RunCommand.Create(), CompareCommand.Create(), ResultsCommand.Create()], arguments, new InvocationConfiguration { Output = _output, Error = _error });

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    private string Read(string name) => System.IO.File.ReadAllText(File(name));

    private Dictionary<string, string> ByPolicy(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Read(name));
        return document.RootElement.EnumerateArray().ToDictionary(summary => summary.GetProperty("policy").GetString()!, summary => summary.GetRawText(), StringComparer.Ordinal);
    }
}
