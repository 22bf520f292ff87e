namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Which backends balancers took out, and why, in words.</summary>
internal static class AbsenceText
{
    private const int Most = 3;

    /// <summary>Empty when there was none.</summary>
    public static string Describe(Scenario scenario, RunResult result)
    {
        IReadOnlyList<Absence> absences = Absence.FindAll(scenario, result);
        HashSet<string> absent = [.. absences.Select(absence => absence.Backend)];
        string[] backends = [.. result.Backends.Select(backend => backend.Id).Where(absent.Contains).Select(id => $"'{id}'")];
        string who = backends.Length switch
        {
            0 => "",
            1 => backends[0],
            <= Most => $"{string.Join(", ", backends[..^1])} and {backends[^1]}",
            _ => $"{NumberText.Count(backends.Length)} of {NumberText.Count(result.Backends.Count)} backends",
        };
        return who.Length == 0 ? "" : $"For a while, {who} {(backends.Length == 1 ? "was" : "were")} taken out: {DescribeCauses(absences)}.";
    }

    /// <summary>All causes, such as <c>circuit open or ejected</c>.</summary>
    public static string DescribeCauses(IEnumerable<Absence> absences) =>
        string.Join(" or ", absences.Select(absence => absence.Kind).Where(kind => kind != AbsenceKind.CircuitHalfOpen).Distinct().Order().Select(NameOf));

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
