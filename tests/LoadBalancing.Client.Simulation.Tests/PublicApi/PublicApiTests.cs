using System.Reflection;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_OfThePackage_IsAsVerified() =>
        Verified.Match(PublicApi.Describe(Assembly.Load("LoadBalancing.Client.Simulation")));
}
