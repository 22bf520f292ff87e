using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class EjectionStressTests
{
    /// <summary>Each thread begins with a backend of its own, so that many ask for a place at the same time: none is given twice, and none is left.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(25, 2)]
    [InlineData(50, 4)]
    public void Complete_AllFailOnManyThreads_TheCapIsReachedAndNeverExceeded(int percent, int places)
    {
        for (int round = 0; round < 300; round++)
        {
            using OutlierPool pool = new(9, options =>
            {
                options.ConsecutiveFailures = 1;
                options.MaxEjectionPercent = percent;
            });

            Threads.RunOnAll(thread =>
            {
                for (int i = 0; i < 9; i++)
                {
                    pool.Begin((i + thread) % 9).Complete(Outcome.Failed with { ErrorType = "503" });
                }
            });

            pool.Balancer.Backends.Count(OutlierPool.IsEjected).ShouldBe(places);
            pool.Balancer.Backends.Eligible.Length.ShouldBe(9 - places);
        }
    }

    /// <summary>Ejections, returns, intervals and changes of the list, each on a thread of its own. The watcher sees the cap kept at every moment, and in the end all are back.</summary>
    [Fact]
    public void Complete_DuringReturnsAndReloads_TheCapIsNeverExceeded()
    {
        Backend[] backends = Pools.DescribeMany(6);
        for (int round = 0; round < 300; round++)
        {
            using OutlierPool pool = new(backends, Configure, new Random(round));
            Threads.RunDuring(
                () =>
                {
                    for (int i = 0; i < 20; i++)
                    {
                        pool.Reload([.. backends.Select(backend => backend with { Weight = 1 + (i % 2) })], Configure);
                        pool.Balancer.Backends.Count(OutlierPool.IsEjected).ShouldBeLessThanOrEqualTo(3);
                    }
                },
                () => pool.Advance(0.5),
                () => FailAll(pool),
                () => FailAll(pool));

            pool.Advance(301);
            pool.Balancer.Backends.Eligible.Length.ShouldBe(6);
        }

        static void Configure(OutlierDetectionOptions options)
        {
            options.ConsecutiveFailures = 2;
            options.BaseEjectionTime = TimeSpan.FromSeconds(1);
            options.FailurePercentage.Enabled = true;
            options.FailurePercentage.RequestVolume = 1;
            options.FailurePercentage.MinimumHosts = 1;
        }

        static void FailAll(OutlierPool pool)
        {
            for (int i = 0; i < 6; i++)
            {
                pool.Begin(i).Complete(Outcome.Failed with { ErrorType = "503" });
            }
        }
    }
}
