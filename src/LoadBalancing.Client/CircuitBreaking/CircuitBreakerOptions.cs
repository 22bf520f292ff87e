using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// When the circuit of a backend opens, and how it closes again. On by default: the balancer sees every attempt, so a backend that fails fast is out after a handful of them, without any probe.
/// </summary>
public sealed record CircuitBreakerOptions
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestSampling = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Whether there are circuits at all. The default value is <see langword="true"/>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many failures in a row open the circuit; 1 or more. The default value is 5.</summary>
    public int ConsecutiveFailures { get; set; } = 5;

    /// <summary>The share of failures among the attempts of <see cref="SamplingDuration"/> that opens the circuit; above 0, at most 1. The default value is 0.5.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>With fewer attempts than these in <see cref="SamplingDuration"/>, the ratio says nothing; 1 or more. The default value is 20.</summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>The window of the ratio, which moves on in tenths; from 0.5 seconds to 1 day. The default value is 10 seconds.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the circuit stays open at first; it doubles each time a half-open circuit opens again. From 1 ms to <see cref="MaxBreakDuration"/>. The default value is 5 seconds.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the doubling ends; at most 1 day. The default value is 60 seconds.</summary>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>By how much a break may be shorter or longer at random, so that many clients do not come back together; a share from 0 to 1. The default value is 0.2, which means ± 20 %.</summary>
    public double Jitter { get; set; } = 0.2;

    /// <summary>How many attempts at a time a half-open circuit lets through; from 1 to 1000. The default value is 1.</summary>
    public int HalfOpenPermits { get; set; } = 1;

    /// <summary>After this, the place of an attempt that has said nothing is given to the next one; from 1 ms to 1 day. The default value is 10 seconds, the default of the attempt timeout.</summary>
    public TimeSpan PermitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many successes close a half-open circuit, and an open one whose backend is used because nothing is eligible; 1 or more. The default value is 2.</summary>
    public int SuccessesToClose { get; set; } = 2;

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (ConsecutiveFailures < 1)
        {
            yield return Problem(nameof(ConsecutiveFailures), ConsecutiveFailures, "must be 1 or more");
        }

        if (!(FailureRatio > 0 && FailureRatio <= 1))
        {
            yield return Problem(nameof(FailureRatio), FailureRatio, "must be above 0 and at most 1");
        }

        if (MinimumThroughput < 1)
        {
            yield return Problem(nameof(MinimumThroughput), MinimumThroughput, "must be 1 or more");
        }

        if (SamplingDuration < ShortestSampling || SamplingDuration > Longest)
        {
            yield return Problem(nameof(SamplingDuration), SamplingDuration, $"must be from {ShortestSampling} to {Longest}");
        }

        if (BreakDuration < Shortest || BreakDuration > MaxBreakDuration)
        {
            yield return Problem(nameof(BreakDuration), BreakDuration, $"must be from {Shortest} to MaxBreakDuration, which is {MaxBreakDuration}");
        }

        if (MaxBreakDuration > Longest)
        {
            yield return Problem(nameof(MaxBreakDuration), MaxBreakDuration, $"must be at most {Longest}");
        }

        if (!(Jitter >= 0 && Jitter <= 1))
        {
            yield return Problem(nameof(Jitter), Jitter, "must be from 0 to 1");
        }

        if (HalfOpenPermits is < 1 or > 1000)
        {
            yield return Problem(nameof(HalfOpenPermits), HalfOpenPermits, "must be from 1 to 1000");
        }

        if (PermitTimeout < Shortest || PermitTimeout > Longest)
        {
            yield return Problem(nameof(PermitTimeout), PermitTimeout, $"must be from {Shortest} to {Longest}");
        }

        if (SuccessesToClose < 1)
        {
            yield return Problem(nameof(SuccessesToClose), SuccessesToClose, "must be 1 or more");
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"CircuitBreaker:{key} = \"{value}\": {requirement}");
}
