using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

public sealed class PolicyRegistrationTests
{
    [Fact]
    public void UseConfiguration_WeightedRoundRobin_IsRead() =>
        Read(""" "Policy": "weighted_round_robin" """).ShouldBeOfType<WeightedRoundRobinPolicy>();

    [Fact]
    public void UseConfiguration_PeakEwma_HasItsOptions()
    {
        PeakEwmaPolicy policy = Read(""" "Policy": "peak_ewma", "PolicyOptions": { "Decay": "00:00:03", "ChoiceCount": 3 } """).ShouldBeOfType<PeakEwmaPolicy>();

        (policy.Decay, policy.ChoiceCount).ShouldBe((TimeSpan.FromSeconds(3), 3));
    }

    [Fact]
    public void UseConfiguration_WeightedResponseTime_HasItsOptions() =>
        Read(""" "Policy": "weighted_response_time", "PolicyOptions": { "Window": "00:00:30" } """)
            .ShouldBeOfType<WeightedResponseTimePolicy>().Window.ShouldBe(TimeSpan.FromSeconds(30));

    [Fact]
    public void UseConfiguration_LeastBandwidth_HasItsOptions()
    {
        LeastBandwidthPolicy policy = Read(""" "Policy": "least_bandwidth", "PolicyOptions": { "Window": "00:01:00", "ChoiceCount": 4 } """).ShouldBeOfType<LeastBandwidthPolicy>();

        (policy.Window, policy.ChoiceCount).ShouldBe((TimeSpan.FromMinutes(1), 4));
    }

    [Theory]
    [InlineData("peak_ewma", "\"Decay\": \"00:00:00\"", "Decay = \"00:00:00\": must be a time from 00:00:00.01 to 1.00:00:00")]
    [InlineData("peak_ewma", "\"Window\": \"00:00:01\"", "Window: unknown key; allowed: ChoiceCount, Decay")]
    [InlineData("weighted_response_time", "\"Window\": \"00:00:00.5\"", "Window = \"00:00:00.5\": must be a time from 00:00:01 to 1.00:00:00")]
    [InlineData("least_bandwidth", "\"ChoiceCount\": 0", "ChoiceCount = \"0\": must be a whole number, 1 or more")]
    [InlineData("weighted_round_robin", "\"Window\": 1", "Window: unknown key; allowed: none")]
    public void UseConfiguration_BadOption_IsNamed(string policy, string option, string expected) =>
        Should.Throw<OptionsValidationException>(() => Read($"\"Policy\": \"{policy}\", \"PolicyOptions\": {{ {option} }}"))
            .Failures.ShouldHaveSingleItem().ShouldStartWith($"LoadBalancing:orders:PolicyOptions:{expected}");

    [Fact]
    public void AddLoadBalancingPolicy_ByName_IsUsed()
    {
        LoadBalancingPolicy mine = new RandomPolicy();

        Read(""" "Policy": "MINE" """, services => services.AddLoadBalancingPolicy("mine", () => mine)).ShouldBeSameAs(mine);
    }

    [Fact]
    public void AddLoadBalancingPolicy_WithOptions_ReadsThem() =>
        Read(""" "Policy": "mine", "PolicyOptions": { "Choices": 7 } """, services => services.AddLoadBalancingPolicy("mine", CreateMine))
            .ShouldBeOfType<LeastRequestPolicy>().ChoiceCount.ShouldBe(7);

    [Fact]
    public void AddLoadBalancingPolicy_ThrowsOnItsOptions_IsAProblemOfTheSection() =>
        Should.Throw<OptionsValidationException>(() => Read(""" "Policy": "mine", "PolicyOptions": { "Choices": 0 } """, services => services.AddLoadBalancingPolicy("mine", CreateMine)))
            .Failures.ShouldHaveSingleItem().ShouldStartWith("LoadBalancing:orders:PolicyOptions: policy 'mine': ChoiceCount ('0') must be");

    [Theory]
    [InlineData("index")]
    [InlineData("path")]
    [InlineData("section")]
    [InlineData("value")]
    [InlineData("binding")]
    public void AddLoadBalancingPolicy_KeyThatIsNotAskedFor_IsRefused(string way)
    {
        const string good = """ "choices": 3, "Limits": { "Most": 4, "Lowest": 2 } """;

        ReadMine(good, options => CreateMine(options, way)).ShouldBe(7);
        Should.Throw<OptionsValidationException>(() => ReadMine($"{good}, \"Choises\": 5", options => CreateMine(options, way)))
            .Failures.ShouldBe(["LoadBalancing:orders:PolicyOptions:Choises: unknown key; allowed: Choices, Limits"]);
    }

    [Fact]
    public void AddLoadBalancingPolicy_Enumerates_AllowsEveryKey() =>
        ReadMine(""" "a": 1, "b": 2, "c": { "d": 4 } """, options => new LeastRequestPolicy { ChoiceCount = options.GetChildren().Sum(option => option.Key.Length) }).ShouldBe(3);

    [Fact]
    public void AddLoadBalancingPolicy_ThrowsBeforeItHasAskedForAll_IsTheOnlyProblem() =>
        Should.Throw<OptionsValidationException>(() => ReadMine(""" "Choices": 0, "Limits": { "Most": 4 } """, options => new LeastRequestPolicy { ChoiceCount = options.GetValue<int>("Choices") }))
            .Failures.ShouldHaveSingleItem().ShouldContain("ChoiceCount");

    [Fact]
    public void AddLoadBalancingPolicy_Throws_IsAProblemOfTheSectionBesideTheOthers() =>
        Should.Throw<OptionsValidationException>(() => Read(
                """ "Policy": "Mine", "FailClosed": 1 """,
                services => services.AddLoadBalancingPolicy("mine", () => throw new TimeoutException("no answer"))))
            .Failures.ShouldBe(["LoadBalancing:orders:Policy = \"Mine\": cannot be made: no answer", "LoadBalancing:orders:FailClosed = \"1\": must be true or false"]);

    [Fact]
    public void AddLoadBalancingPolicy_MakesNone_IsAProblemOfTheSection()
    {
        const string problem = "the function that makes it returned null";

        Should.Throw<OptionsValidationException>(() => Read(""" "Policy": "mine" """, services => services.AddLoadBalancingPolicy("mine", () => null!)))
            .Failures.ShouldBe([$"LoadBalancing:orders:Policy = \"mine\": cannot be made: {problem}"]);
        Should.Throw<OptionsValidationException>(() => Read(""" "Policy": "mine" """, services => services.AddLoadBalancingPolicy("mine", _ => null!)))
            .Failures.ShouldBe([$"LoadBalancing:orders:PolicyOptions: policy 'mine': {problem}"]);
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("Mine")]
    public void AddLoadBalancingPolicy_Twice_Throws(string name)
    {
        ServiceCollection services = new();
        services.AddLoadBalancingPolicy("mine", () => new RandomPolicy());

        Should.Throw<ArgumentException>(() => services.AddLoadBalancingPolicy(name, () => new RandomPolicy())).Message.ShouldContain($"'{name}' is registered already");
    }

    [Theory]
    [InlineData("random")]
    [InlineData("Peak_EWMA")]
    public void AddLoadBalancingPolicy_NameOfTheLibrary_Throws(string name) =>
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddLoadBalancingPolicy(name, () => new RandomPolicy())).Message.ShouldContain($"'{name}' is a policy of the library");

    private static LeastRequestPolicy CreateMine(IConfigurationSection options) =>
        new() { ChoiceCount = int.Parse(options["Choices"] ?? "2", System.Globalization.CultureInfo.InvariantCulture) };

    private static LeastRequestPolicy CreateMine(IConfigurationSection options, string way)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        MyOptions mine = way == "binding" ? options.Get<MyOptions>()! : new MyOptions
        {
            Choices = way == "value" ? options.GetValue<int>("Choices") : int.Parse((way == "section" ? options.GetSection("Choices").Value : options["Choices"])!, culture),
        };
        string most = way switch
        {
            "path" => options["Limits:Most"]!,
            "value" => options.GetValue<string>("Limits:Most")!,
            "binding" => mine.Limits["Most"].ToString(culture),
            _ => options.GetSection("Limits")["Most"]!,
        };
        return new LeastRequestPolicy { ChoiceCount = mine.Choices + int.Parse(most, culture) };
    }

    private static int ReadMine(string options, Func<IConfigurationSection, LoadBalancingPolicy> create) =>
        Read($"\"Policy\": \"mine\", \"PolicyOptions\": {{ {options} }}", services => services.AddLoadBalancingPolicy("mine", create)).ShouldBeOfType<LeastRequestPolicy>().ChoiceCount;

    private static LoadBalancingPolicy Read(string keys, Action<IServiceCollection>? register = null)
    {
        ServiceCollection services = new();
        register?.Invoke(services);
        services.AddLoadBalancer("orders", EditableJson.Orders(keys + """, "Backends": {} """));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredKeyedService<Balancer>("orders").Options.Policy;
    }

    private sealed class MyOptions
    {
        public int Choices { get; set; }

        public Dictionary<string, int> Limits { get; init; } = [];
    }
}
