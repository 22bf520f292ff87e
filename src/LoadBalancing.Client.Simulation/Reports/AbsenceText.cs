namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Who was out, in words.</summary>
internal static class AbsenceText
{
    private const int Most = 3;

    /// <summary>Empty when nobody was.</summary>
    public static string Describe(Scenario scenario, RunResult result)
    {
        HashSet<string> absent = [.. Absence.FindAll(scenario, result).Select(absence => absence.Backend)];
        string[] backends = [.. result.Backends.Select(backend => backend.Id).Where(absent.Contains)];
        return backends.Length switch
        {
            0 => "",
            1 => $"{backends[0]} was out for a while.",
            <= Most => $"{string.Join(", ", backends[..^1])} and {backends[^1]} were out for a while.",
            _ => $"{NumberText.Count(backends.Length)} of {NumberText.Count(result.Backends.Count)} backends were out for a while.",
        };
    }

    public static string NameOf(AbsenceKind kind) => kind switch
    {
        AbsenceKind.ProbeFailed => "probe failed",
        AbsenceKind.Ejected => "ejected",
        AbsenceKind.CircuitOpen => "circuit open",
        AbsenceKind.CircuitHalfOpen => "circuit half-open",
        AbsenceKind.Draining => "draining",
        _ => "isolated",
    };
}
