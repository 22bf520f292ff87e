namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>The times at which the requests of a plan arrive, one after the other. At even distances the first is at 0.</summary>
/// <remarks>Counts from the beginning of the step, and not from one arrival to the next: the sum of a million roundings would shift the last ones.</remarks>
internal sealed class ArrivalStream(ArrivalPlan plan, SeededRandom random)
{
    private int _step;

    /// <summary>How much of an arrival there has been since the step began, at its rate: it comes when this is the whole of <see cref="_due"/>.</summary>
    private double _due = plan.IsPoisson ? NextGap(random) : 0;

    /// <summary>The next arrival in seconds; <see langword="null"/> when there are no more.</summary>
    public double? Next()
    {
        while (true)
        {
            RateStep step = plan.Rates[_step];
            double end = _step + 1 < plan.Rates.Count ? Math.Min(plan.Rates[_step + 1].From, plan.End) : plan.End;
            double possible = step.PerSecond * (end - step.From);
            if (step.PerSecond > 0 && _due < possible)
            {
                double time = step.From + (_due / step.PerSecond);
                if (time < end)
                {
                    _due += plan.IsPoisson ? NextGap(random) : 1;
                    return time;
                }

                // Rounded up to where the next step begins; that one has it then.
                possible = _due;
            }

            if (end == plan.End)
            {
                return null;
            }

            _due -= possible;
            _step++;
        }
    }

    private static double NextGap(SeededRandom random) => -Math.Log(1 - random.NextDouble());
}
