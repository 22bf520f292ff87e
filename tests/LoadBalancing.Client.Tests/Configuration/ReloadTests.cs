using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

public sealed class ReloadTests : IDisposable
{
    private const string TwoBackends = """ "Backends": { "a": "http://10.0.0.1:80", "b": "http://10.0.0.2:80" } """;

    private readonly RecordingLog _log = new();
    private readonly EditableJson _file = new(EditableJson.InOrders(TwoBackends));
    private Balancer? _balancer;

    private Balancer Balancer => _balancer ??= Build(_file);

    [Fact]
    public void Edit_BackendAddedAndRemoved_KeepsTheStateOfTheOthers()
    {
        BackendState b = Balancer.Backends[1];

        Edit(""" "Backends": { "b": "http://10.0.0.2:80", "c": "http://10.0.0.3:80" } """);

        Balancer.Backends.Select(backend => backend.Id).ShouldBe(["b", "c"]);
        Balancer.Backends[0].ShouldBeSameAs(b);
        _log.Of("ConfigurationApplied").ShouldBe(["Service orders: changed configuration applied; policy least_request."]);
    }

    [Fact]
    public void Edit_Weight_IsChangedInPlace()
    {
        BackendState a = Balancer.Backends[0];

        Edit(""" "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": 3 }, "b": "http://10.0.0.2:80" } """);

        Balancer.Backends[0].ShouldBeSameAs(a);
        a.Description.Weight.ShouldBe(3);
    }

    [Fact]
    public void Edit_AttemptInFlightOnARemovedBackend_CanBeCompleted()
    {
        Edit(""" "Backends": { "a": "http://10.0.0.1:80" } """);
        Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();

        Edit(""" "Backends": { "b": "http://10.0.0.2:80" } """);
        lease.Backend.Unavailability.ShouldBe(Unavailability.Draining);
        lease.Complete(Outcome.Succeeded);

        lease.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Edit_Policy_IsReplaced()
    {
        Edit($"\"Policy\": \"round_robin\", {TwoBackends}");

        Balancer.Options.Policy.ShouldBeOfType<RoundRobinPolicy>();
        string[] picks = [PickId(), PickId(), PickId()];
        picks[2].ShouldBe(picks[0]);
        picks[1].ShouldNotBe(picks[0]);
    }

    [Fact]
    public void Edit_OtherKeys_KeepsPolicyAndRoundRobinPosition()
    {
        _file.Edit(EditableJson.InOrders($"\"Policy\": \"round_robin\", {TwoBackends}"));
        LoadBalancingPolicy policy = Balancer.Options.Policy;
        string first = PickId();

        Edit($"\"Policy\": \"round_robin\", {TwoBackends}, \"FailClosed\": true");

        Balancer.Options.FailClosed.ShouldBeTrue();
        Balancer.Options.Policy.ShouldBeSameAs(policy);
        PickId().ShouldNotBe(first);
        PickId().ShouldBe(first);
    }

    [Fact]
    public void Edit_RefusedPolicyInBetween_KeepsThePolicyInForce()
    {
        _file.Edit(EditableJson.InOrders($"\"Policy\": \"round_robin\", {TwoBackends}"));
        LoadBalancingPolicy policy = Balancer.Options.Policy;

        Edit($"\"Policy\": \"random\", {TwoBackends}, \"FailClosed\": \"maybe\"");
        Edit($"\"Policy\": \"round_robin\", {TwoBackends}, \"FailClosed\": true");

        Balancer.Options.Policy.ShouldBeSameAs(policy);
    }

    [Fact]
    public void Edit_PolicyOptions_MakesANewPolicy()
    {
        Edit($"\"PolicyOptions\": {{ \"ChoiceCount\": 3 }}, {TwoBackends}");
        Edit($"\"PolicyOptions\": {{ \"ChoiceCount\": 4 }}, {TwoBackends}");

        Balancer.Options.Policy.ShouldBeOfType<LeastRequestPolicy>().ChoiceCount.ShouldBe(4);
    }

    [Fact]
    public void Edit_BesideDns_KeepsTheSource()
    {
        const string dns = """ "Dns": { "Host": "localhost", "Port": 80 } """;
        _file.Edit(EditableJson.InOrders(dns));
        IBackendSource source = Balancer.Options.Sources[0];

        Edit($"{dns}, {TwoBackends}");
        Balancer.Options.Sources.ShouldHaveSingleItem().ShouldBeSameAs(source);
        Edit(""" "Dns": { "Host": "localhost", "Port": 81 } """);

        Balancer.Options.Sources.ShouldHaveSingleItem().ToString().ShouldBe("DNS localhost:81");
    }

    [Fact]
    public void UseDns_BesideConfigurationThatChanges_KeepsTheSource()
    {
        using Balancer balancer = new BalancerBuilder("orders").UseDns("localhost", 80).UseConfiguration(Section(_file)).Build();
        IBackendSource source = balancer.Options.Sources[0];

        Edit($"{TwoBackends}, \"FailClosed\": true");

        balancer.Options.FailClosed.ShouldBeTrue();
        balancer.Options.Sources.ShouldHaveSingleItem().ShouldBeSameAs(source);
    }

    [Fact]
    public void Edit_BadValues_ChangesNothingAndLogsTheMessageOfTheStartOnce()
    {
        const string bad = """ "Policy": "random", "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": -1 }, "c": "10.0.0.3" }, "Extra": 1 """;
        BalancerOptions options = Balancer.Options;
        BackendSet backends = Balancer.Backends;

        Edit(bad);
        _file.Touch();

        Balancer.Options.ShouldBeSameAs(options);
        Balancer.Backends.ShouldBeSameAs(backends);
        string atStart = Should.Throw<OptionsValidationException>(() => Build(new EditableJson(EditableJson.InOrders(bad)))).Message;
        _log.Entries.Where(entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error)
            .ShouldBe([(Microsoft.Extensions.Logging.LogLevel.Error, "ConfigurationRefused", $"Service orders: changed configuration refused, nothing was applied. {atStart}")]);
    }

    [Fact]
    public void Edit_SectionGone_ChangesNothing()
    {
        BackendSet backends = Balancer.Backends;

        _file.Edit("{}");

        Balancer.Backends.ShouldBeSameAs(backends);
        _log.Of("ConfigurationRefused").ShouldHaveSingleItem().ShouldEndWith("LoadBalancing:orders: the section is missing or empty; it needs Backends or Dns");
    }

    [Fact]
    public void Edit_EmptyMap_IsBelieved()
    {
        Balancer.Backends.Count.ShouldBe(2);

        Edit(""" "Backends": {} """);

        Balancer.Backends.Count.ShouldBe(0);
    }

    [Fact]
    public void Edit_BadAndBack_AppliesAndLogsNothing()
    {
        BalancerOptions options = Balancer.Options;

        Edit("\"Backends\": 1");
        Edit(TwoBackends);

        Balancer.Options.ShouldBeSameAs(options);
        _log.Of("ConfigurationRefused").Count.ShouldBe(1);
        _log.Of("ConfigurationApplied").ShouldBeEmpty();
    }

    [Fact]
    public void Edit_BadTwiceInDifferentWays_LogsBoth()
    {
        _ = Balancer;

        Edit("\"Backends\": 1");
        Edit("\"Backends\": 2");

        _log.Of("ConfigurationRefused").Count.ShouldBe(2);
    }

    [Fact]
    public void Notice_WithoutAChange_AppliesAndLogsNothing()
    {
        BalancerOptions options = Balancer.Options;

        _file.Touch();
        _file.Edit($$"""{ "LoadBalancing": { "orders": { {{TwoBackends}} }, "other": { "Backends": {} } } }""");

        Balancer.Options.ShouldBeSameAs(options);
        _log.Of("ConfigurationApplied").ShouldBeEmpty();
    }

    [Fact]
    public void Edit_OneOfTwoSections_AppliesBothAsTheyAreNow()
    {
        EditableJson more = new(EditableJson.InOrders(""" "Backends": { "m": "http://10.0.1.1:80" } """));
        using Balancer balancer = new BalancerBuilder("orders").UseLoggerFactory(_log).UseConfiguration(Section(_file)).UseConfiguration(Section(more)).Build();

        // The first change is held back by the second section; when that is good again, both count; and the first can be taken back.
        more.Edit(EditableJson.InOrders("\"Backends\": 1"));
        Edit(""" "Backends": { "a": "http://10.0.0.1:80" } """);
        balancer.Backends.Count.ShouldBe(3);
        more.Edit(EditableJson.InOrders(""" "Backends": { "m": "http://10.0.1.1:80" } """));
        balancer.Backends.Select(backend => backend.Id).ShouldBe(["a", "m"]);
        Edit(TwoBackends);

        balancer.Backends.Select(backend => backend.Id).ShouldBe(["a", "b", "m"]);
    }

    [Fact]
    public void Edit_WhileTheBalancerIsBuilt_IsNotMissed()
    {
        bool isEdited = false;
        using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(Section(_file)).Configure(_ =>
        {
            if (!isEdited)
            {
                isEdited = true;
                _file.Edit(EditableJson.InOrders(""" "Backends": { "c": "http://10.0.0.3:80" } """));
            }
        }).Build();

        balancer.Backends.ShouldHaveSingleItem().Id.ShouldBe("c");
    }

    [Fact]
    public void Build_TwiceFromOneBuilder_MakesBalancersThatReloadIndependently()
    {
        BalancerBuilder builder = new BalancerBuilder("orders").UseConfiguration(Section(_file)).UseDns("localhost", 80);
        using Balancer first = builder.Build();
        using Balancer second = builder.Build();

        Edit(""" "Backends": { "c": "http://10.0.0.3:80" } """);

        first.Backends.ShouldHaveSingleItem().Id.ShouldBe("c");
        second.Backends.ShouldHaveSingleItem().Id.ShouldBe("c");
        second.Options.Sources[0].ShouldNotBeSameAs(first.Options.Sources[0]);
    }

    [Fact]
    public async Task Dispose_ThenEdit_DoesNothing()
    {
        await Balancer.DisposeAsync();

        Edit(""" "Backends": {} """);

        _log.Of("ConfigurationApplied").ShouldBeEmpty();
    }

    [Fact]
    public async Task Edit_WhileThreadsPick_FailsNoPick()
    {
        string[] texts =
        [
            $"\"Policy\": \"round_robin\", {TwoBackends}",
            """ "Policy": "random", "Backends": { "b": "http://10.0.0.2:80", "c": "http://10.0.0.3:80" } """,
            "\"Backends\": \"bad\"",
            """ "Policy": "pick_first", "Backends": [ "http://10.0.0.4:80", "http://10.0.0.1:80" ] """,
            """ "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": 9 }, "c": { "Address": "http://10.0.0.3:80", "MaxConcurrency": 50 } } """,
        ];
        Balancer balancer = Balancer;
        balancer.Start();
        int failed = 0;
        using CancellationTokenSource stop = new();
        Task[] callers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (balancer.TryPick(default, out BackendLease lease))
                {
                    lease.Complete(Outcome.Succeeded);
                }
                else
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }))];

        for (int i = 0; i < 500; i++)
        {
            Edit(texts[i % texts.Length]);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers).Soon();
        failed.ShouldBe(0);
        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
    }

    public void Dispose()
    {
        _balancer?.Dispose();
        _log.Dispose();
    }

    private static IConfigurationSection Section(EditableJson file) => EditableJson.Configuration(file).GetSection("LoadBalancing:orders");

    private Balancer Build(EditableJson file) =>
        new BalancerBuilder("orders").UseConfiguration(Section(file)).UseRandom(new Random(1)).UseTimeProvider(new FakeTimeProvider()).UseLoggerFactory(_log).Build();

    /// <summary>Changes what is inside the section of the balancer, which is built before.</summary>
    private void Edit(string inside)
    {
        _ = Balancer;
        _file.Edit(EditableJson.InOrders(inside));
    }

    private string PickId()
    {
        Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return lease.Backend.Id;
    }
}
