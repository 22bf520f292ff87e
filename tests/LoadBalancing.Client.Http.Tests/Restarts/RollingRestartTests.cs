using Xunit.Abstractions;

namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>What a caller sees when servers are restarted one after the other: nothing.</summary>
/// <remarks>Nothing here depends on how fast the machine is: no time and no rate is asserted, only what became of requests.</remarks>
public class RollingRestartTests(ITestOutputHelper output)
{
    private protected virtual TimeSpan Duration => TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Run_ServersShutDownInTurn_NoRequestIsLost()
    {
        RestartReport report = await RollingRestart.RunAsync(Duration, isGraceful: true, output);

        report.Lost.ShouldBeEmpty();
        report.Arrivals.Count.ShouldBe(report.Sent);
    }

    [Fact]
    public async Task Run_ServersKilledInTurn_NoneIsLostThatCouldBeSavedAndEveryOtherNamesItsBackend()
    {
        RestartReport report = await RollingRestart.RunAsync(Duration, isGraceful: false, output);

        report.Lost.Where(lost => lost.IsInexcusable).ShouldBeEmpty();
        report.Lost.Where(lost => !lost.NamesOneOf(report.Backends)).ShouldBeEmpty();
        report.ArrivedMoreThanOnce(number => RestartLoad.KindOf(number, hasPlainPosts: true) == RequestKind.PlainPost).ShouldBeEmpty();
    }
}
