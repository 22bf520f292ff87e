using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>Where <see cref="ServiceLevel"/> changes. It has no hysteresis: what makes a backend eligible or not has its own.</summary>
public sealed record ServiceLevelOptions
{
    /// <summary>Sums of weights are not exact.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>The level is <see cref="ServiceLevel.Reduced"/> while the eligible share is below this; from 0 to 1. The default value is 0.8.</summary>
    public double ReducedBelow { get; set; } = 0.8;

    /// <summary>The level is <see cref="ServiceLevel.Critical"/> while the eligible share is below this; from 0 to <see cref="ReducedBelow"/>. The default value is 0.5.</summary>
    public double CriticalBelow { get; set; } = 0.5;

    internal ServiceLevel LevelOf(double eligibleShare) => eligibleShare switch
    {
        <= 0 => ServiceLevel.None,
        _ when eligibleShare < CriticalBelow - Tolerance => ServiceLevel.Critical,
        _ when eligibleShare < ReducedBelow - Tolerance => ServiceLevel.Reduced,
        _ => ServiceLevel.Full,
    };

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (!(ReducedBelow >= 0 && ReducedBelow <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"ServiceLevel:ReducedBelow = \"{ReducedBelow}\": must be from 0 to 1");
        }

        if (!(CriticalBelow >= 0 && CriticalBelow <= ReducedBelow))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"ServiceLevel:CriticalBelow = \"{CriticalBelow}\": must be from 0 to ReducedBelow, which is {ReducedBelow}");
        }
    }
}
