namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A number of a backend in an interval.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Symbol">The sign of its unit; empty for a number of attempts.</param>
/// <param name="Read">Where it is.</param>
internal sealed record Measure(string Name, string Symbol, Func<BackendInterval, double> Read)
{
    public string Unit => Symbol.Length == 0 ? "per backend" : $"{Symbol} per backend";
}
