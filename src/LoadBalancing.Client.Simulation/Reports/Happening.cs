namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What the scenario does to a backend, or to the traffic.</summary>
/// <param name="Group">The group of the backend; <see langword="null"/> for traffic.</param>
/// <param name="What">What it is, such as <c>down</c>.</param>
/// <param name="From">When it begins, in seconds.</param>
/// <param name="Until">When it ends.</param>
internal readonly record struct Happening(string? Group, string What, double From, double Until);
