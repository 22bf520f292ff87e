using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>The simulator against the theory of queues.</summary>
public sealed class QueueingTheoryTests
{
    private const double Exact = 1e-9;

    /// <summary>Lindley (1952): who arrives waits for what is left of the work of all before. Kiefer and Wolfowitz (1955) for several workers: who arrives waits for the first that is free.</summary>
    [Theory]
    [InlineData(1, "exponential")]
    [InlineData(1, "lognormal")]
    [InlineData(3, "exponential")]
    [InlineData(8, "lognormal")]
    public void Run_OneBackend_EveryWaitIsThatOfTheRecursion(int workers, string distribution)
    {
        string sigma = distribution == "lognormal" ? ", \"sigma\": 1.5" : "";
        IReadOnlyList<Work> works = Played.Trace($$"""
            {
              "durationSeconds": 100, "arrivals": { "ratePerSecond": {{90 * workers}} }, "timeoutSeconds": 1000, "cancelOnTimeout": false,
              "backends": [ { "concurrency": {{workers}}, "latency": { "distribution": "{{distribution}}", "meanMs": 10{{sigma}} } } ]
            }
            """);

        works.Count.ShouldBeGreaterThan(8_000 * workers);
        works.Count(work => work.Waited > 0).ShouldBeGreaterThan(works.Count / 4, "Hardly anybody waits: nothing is tested.");
        PriorityQueue<double, double> free = new(Enumerable.Repeat((0.0, 0.0), workers));
        double before = 0;
        foreach (Work work in works)
        {
            work.Arrived.ShouldBeGreaterThanOrEqualTo(before, "Who comes first is not served first.");
            before = work.Arrived;
            double wait = Math.Max(0, free.Dequeue() - work.Arrived);
            work.Waited.ShouldBe(wait, Exact);
            double end = work.Arrived + wait + work.Duration;
            free.Enqueue(end, end);
        }
    }

    /// <summary>M/M/1 and M/M/c, after Erlang (1917): the mean of independent runs, within 4 of its standard deviations.</summary>
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 0.8)]
    [InlineData(4, 0.5)]
    [InlineData(4, 0.8)]
    public void Run_PoissonArrivalsAndExponentialWork_MeanWaitIsThatOfErlang(int workers, double load)
    {
        const int runs = 20;
        const double meanWork = 0.01;
        double rate = workers * load / meanWork;
        string json = $$"""
            {
              "durationSeconds": {{12_000 / rate:R}}, "arrivals": { "ratePerSecond": {{rate:R}} }, "timeoutSeconds": 1000,
              "backends": [ { "concurrency": {{workers}}, "latency": { "distribution": "exponential", "meanMs": 10 } } ]
            }
            """;

        // The first requests find the queue empty, which later ones do not.
        double[] means = [.. Enumerable.Range(1, runs).Select(seed => Played.Trace(json, seed).Skip(2_000).Average(work => work.Waited))];

        double mean = means.Average();
        double deviation = Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / (runs - 1) / runs);
        double expected = ErlangC(workers, load) * meanWork / (workers * (1 - load));
        deviation.ShouldBeLessThan(0.1 * expected, "The runs are too short to tell anything.");
        mean.ShouldBe(expected, 4 * deviation);
    }

    /// <summary>The same as a user sees it: the mean latency in the report is the mean wait and the mean work.</summary>
    [Fact]
    public void Run_PoissonArrivalsAndExponentialWork_MeanLatencyIsThatOfErlang()
    {
        double[] means = [.. Enumerable.Range(1, 20).Select(seed => Played.Run(
            """
            {
              "durationSeconds": 250, "warmupSeconds": 50, "arrivals": { "ratePerSecond": 50 }, "timeoutSeconds": 1000,
              "backends": [ { "concurrency": 1, "latency": { "distribution": "exponential", "meanMs": 10 } } ]
            }
            """, seed: seed).Summary.MeanMs)];

        double mean = means.Average();
        double deviation = Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / 19 / 20);
        mean.ShouldBe(20, 4 * deviation);
    }

    /// <summary>The share of those who wait.</summary>
    private static double ErlangC(int workers, double load)
    {
        double offered = workers * load;
        double term = 1;
        double sum = 0;
        for (int i = 0; i < workers; i++)
        {
            sum += term;
            term *= offered / (i + 1);
        }

        double waiting = term / (1 - load);
        return waiting / (sum + waiting);
    }
}
