using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Testing;

public sealed class PublicApiDescriptionTests
{
    [Fact]
    public void Describe_OneOfEverything_IsAsVerified()
    {
        IEnumerable<Type> sample = typeof(PublicApiDescriptionTests).Assembly.GetTypes()
            .Where(type => type.Namespace == "LoadBalancing.Client.Tests.Testing.PublicApiSample");

        Verified.Match(PublicApi.Describe(sample));
    }

    [Fact]
    public void Describe_TypesInAnyOrder_IsTheSame()
    {
        Type[] types = typeof(FakeTimeProvider).Assembly.GetTypes();

        PublicApi.Describe(types.Reverse()).ShouldBe(PublicApi.Describe(types));
    }
}
