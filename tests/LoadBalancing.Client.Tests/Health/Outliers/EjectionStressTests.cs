using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class EjectionStressTests
{
    /// <summary>All fail at once, on all threads: of those that ask for the last place, one gets it.</summary>
    [Fact]
    public void Complete_AllFailOnManyThreads_TheCapIsReachedAndNeverExceeded()
    {
        for (int round = 0; round < 300; round++)
        {
            using OutlierPool pool = new(9);

            Threads.RunOnAll(_ =>
            {
                for (int i = 0; i < 9; i++)
                {
                    for (int attempt = 0; attempt < 5; attempt++)
                    {
                        pool.Begin(i).Complete(Outcome.Failed with { ErrorType = "503" });
                    }
                }
            });

            pool.Balancer.Backends.Count(OutlierPool.IsEjected).ShouldBe(4);
            pool.Balancer.Backends.Eligible.Length.ShouldBe(5);
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
