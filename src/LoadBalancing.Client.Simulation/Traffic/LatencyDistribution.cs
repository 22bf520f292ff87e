namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>How long a server takes for a request, without the time that it waits.</summary>
internal abstract record LatencyDistribution
{
    private const double PerSecond = 1000;

    public abstract double MeanMs { get; init; }

    /// <summary>Draws a duration in seconds; at least 0.</summary>
    public double Draw(SeededRandom random) => Math.Max(0, DrawMilliseconds(random) / PerSecond);

    protected abstract double DrawMilliseconds(SeededRandom random);

    /// <summary>From the whole of (0, 1], so that its logarithm is finite.</summary>
    protected static double NextPositive(SeededRandom random) => 1 - random.NextDouble();

    /// <summary>A number from the standard normal distribution, after Box and Muller (1958); the second of the pair is not kept, so that each draw takes two numbers.</summary>
    protected static double NextNormal(SeededRandom random)
    {
        double radius = Math.Sqrt(-2 * Math.Log(NextPositive(random)));
        return radius * Math.Cos(Math.Tau * random.NextDouble());
    }
}

/// <summary>Always the same.</summary>
internal sealed record ConstantLatency(double MeanMs) : LatencyDistribution
{
    protected override double DrawMilliseconds(SeededRandom random) => MeanMs;
}

/// <summary>Anything from mean − spread to mean + spread.</summary>
internal sealed record UniformLatency(double MeanMs, double SpreadMs) : LatencyDistribution
{
    protected override double DrawMilliseconds(SeededRandom random) => MeanMs + (SpreadMs * ((2 * random.NextDouble()) - 1));
}

/// <summary>Normal with a standard deviation; what would be below 0 is 0.</summary>
internal sealed record NormalLatency(double MeanMs, double SpreadMs) : LatencyDistribution
{
    protected override double DrawMilliseconds(SeededRandom random) => MeanMs + (SpreadMs * NextNormal(random));
}

/// <summary>Exponential: many short ones, few long.</summary>
internal sealed record ExponentialLatency(double MeanMs) : LatencyDistribution
{
    protected override double DrawMilliseconds(SeededRandom random) => -MeanMs * Math.Log(NextPositive(random));
}

/// <summary>Log-normal: a heavy tail, the heavier the greater sigma, which is the standard deviation of the logarithm. The mean is that of the durations, not of their logarithms.</summary>
internal sealed record LogNormalLatency(double MeanMs, double Sigma) : LatencyDistribution
{
    protected override double DrawMilliseconds(SeededRandom random) => MeanMs * Math.Exp((Sigma * NextNormal(random)) - (Sigma * Sigma / 2));
}
