using System.Globalization;
using Xunit.Abstractions;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>
/// What the prober itself costs: the processor time of planning, turns and judgement, against the time of the clock on which the probes run. Run alone, since it is the processor time of the whole process that is measured.
/// What waking up costs depends on the machine, so that is bounded by number: see <see cref="ProbeTimingTests.Steps_OfManyBackends_ShareTheTimerAndStaySpread"/>.
/// </summary>
[Trait("Category", "Soak")]
public sealed class ProberCostTests(ITestOutputHelper output)
{
    private const int Backends = 1000;

    [Fact]
    public void Probes_OfAThousandBackendsEveryFiveSeconds_TakeLessThanAHundredthOfACore()
    {
        using ProbedPool pool = new(Backends, options => (options.Probe, options.Jitter) = (new Healthy(), 0.1));
        pool.Start();
        pool.Advance(100);

        const double Seconds = 1000;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        pool.Advance(Seconds);

        double share = (Environment.CpuUsage.TotalTime - before).TotalSeconds / Seconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0000} % of a core"));
        share.ShouldBeLessThan(0.01);
    }

    private sealed class Healthy : IHealthProbe
    {
        public ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken) => ValueTask.FromResult(ProbeResult.Healthy);
    }
}
