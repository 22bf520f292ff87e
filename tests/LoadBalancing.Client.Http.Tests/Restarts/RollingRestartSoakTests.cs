using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>The same for longer.</summary>
[Trait("Category", "Soak")]
public sealed class RollingRestartSoakTests(ITestOutputHelper output) : RollingRestartTests(output)
{
    private protected override TimeSpan Duration => TimeSpan.FromSeconds(60);
}
