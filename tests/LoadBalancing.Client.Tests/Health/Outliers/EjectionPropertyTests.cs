using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

/// <summary>What holds whatever fails, changes and passes, in whatever order.</summary>
public sealed class EjectionPropertyTests
{
    private const int Most = 12;
    private const int Steps = 150;
    private const Unavailability OnPurpose = Unavailability.Draining | Unavailability.Isolated;

    private static readonly Unavailability[] FlagsOfOthers = [Unavailability.ProbeFailed, Unavailability.CircuitOpen];

    [Fact]
    public void AnySequence_NoEjectionRaisesATierAboveTheCap_AndNobodyElsesFlagIsTouched()
    {
        int ejections = 0;
        Prop.ForAll(Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (percent, seed) => { ejections += Check(percent, seed); }).QuickCheckThrowOnFailure();

        // Or else nothing was checked.
        ejections.ShouldBeGreaterThan(100);
    }

    /// <returns>How many ejections there were.</returns>
    private static int Check(int percent, int seed)
    {
        int ejections = 0;
        Random random = new(seed);
        using OutlierPool pool = new(Describe(random), options => Configure(options, percent), new Random(seed));
        Dictionary<BackendState, Unavailability> others = [];

        pool.Balancer.AvailabilityChanged += (_, change) => ejections += change is { Flag: Unavailability.Ejected, IsSet: true } ? 1 : 0;

        for (int i = 0; i < Steps; i++)
        {
            Dictionary<int, int> before = pool.Balancer.Backends.GroupBy(Tier).ToDictionary(tier => tier.Key, tier => tier.Count(OutlierPool.IsEjected));
            bool isChangeOfTheList = TakeStep(pool, random, percent, others);

            foreach (IGrouping<int, BackendState> tier in pool.Balancer.Backends.GroupBy(Tier))
            {
                int ejected = tier.Count(OutlierPool.IsEjected);
                int usable = tier.Count(backend => (backend.Unavailability & OnPurpose) == 0 && backend.Description.Weight > 0);
                (isChangeOfTheList || ejected <= before[tier.Key] || ejected <= Math.Max(1, usable * percent / 100)).ShouldBeTrue($"{ejected} of {tier.Count()} ({usable} of them in use), {before.GetValueOrDefault(tier.Key)} before, at {percent} %");
            }

            foreach ((BackendState backend, Unavailability flags) in others)
            {
                (backend.Unavailability & (Unavailability.ProbeFailed | Unavailability.CircuitOpen | Unavailability.Isolated)).ShouldBe(flags);
            }
        }

        // Everyone returns in the end, listed or not.
        pool.Advance(300);
        others.Keys.Concat(pool.Balancer.Backends).ShouldAllBe(backend => !OutlierPool.IsEjected(backend));
        return ejections;
    }

    /// <returns>Whether it was a change of the list, which may bring those that are ejected.</returns>
    private static bool TakeStep(OutlierPool pool, Random random, int percent, Dictionary<BackendState, Unavailability> others)
    {
        BackendSet backends = pool.Balancer.Backends;
        BackendState backend = backends[random.Next(backends.Count)];
        int index = int.Parse(backend.Id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        bool takesAttempts = (backend.Unavailability & OnPurpose) == 0;
        switch (random.Next(10))
        {
            case 0:
                pool.Reload(Describe(random), options => Configure(options, percent));
                return true;

            case 1:
                pool.Advance(random.NextDouble() * (random.Next(3) == 0 ? 60 : 3));
                return false;

            case 2 when !others.ContainsKey(backend) || (backend.Unavailability & Unavailability.Isolated) == 0:
                pool.Balancer.Isolate(backend.Id);
                others[backend] = others.GetValueOrDefault(backend) | Unavailability.Isolated;
                return false;

            case 3:
                pool.Balancer.Restore(backend.Id);
                others[backend] = others.GetValueOrDefault(backend) & ~Unavailability.Isolated;
                return false;

            case 4:
                Unavailability flag = FlagsOfOthers[random.Next(FlagsOfOthers.Length)];
                others[backend] = others.GetValueOrDefault(backend) ^ flag;
                backend.SetFlag(flag, (others[backend] & flag) != 0);
                return false;

            case 5 when takesAttempts:
                pool.Try(index, succeeded: random.Next(30), failed: random.Next(3));
                return false;

            case var _ when takesAttempts:
                pool.Try(index, new string('x', random.Next(12)));
                return false;

            default:
                return false;
        }
    }

    private static void Configure(OutlierDetectionOptions options, int percent)
    {
        options.MaxEjectionPercent = percent;
        options.BaseEjectionTime = TimeSpan.FromSeconds(5);
        options.MaxEjectionTimeJitter = TimeSpan.FromSeconds(2);
        options.SuccessRate.MinimumHosts = 2;
        options.SuccessRate.RequestVolume = 5;
        options.SuccessRate.StdevFactor = 0.5;
        options.FailurePercentage.Enabled = true;
        options.FailurePercentage.MinimumHosts = 1;
        options.FailurePercentage.RequestVolume = 3;
        options.FailurePercentage.Threshold = 20;
    }

    private static int Tier(BackendState backend) => backend.Description.Priority;

    /// <summary>Some of the backends, at least one, in up to three tiers.</summary>
    private static Backend[] Describe(Random random) =>
        [.. Pools.DescribeMany(Most).Where((_, index) => index == 0 || random.Next(4) > 0).Select(backend => backend with { Priority = random.Next(3), Weight = random.Next(8) == 0 ? 0 : 1 })];
}
