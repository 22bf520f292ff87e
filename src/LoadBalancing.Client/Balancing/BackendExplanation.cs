using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>Where one backend stands.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="IsCandidate">Whether the request that was asked about could be sent to it.</param>
/// <param name="Obstacles">What keeps it out, or speaks against it: flags, weight 0, its cap, already tried. Empty for an ordinary candidate.</param>
/// <param name="InFlight">Attempts in flight.</param>
/// <param name="Weight">The weight that counts now: less than that of its description while it is in its slow start.</param>
/// <param name="Detail">Its tier and zone, what they take, its slow start, and how it stands with the policy, for example <c>priority 1 takes 30 %, load 3</c>.</param>
public sealed record BackendExplanation(BackendState Backend, bool IsCandidate, IReadOnlyList<string> Obstacles, int InFlight, double Weight, string? Detail)
{
    /// <summary>One line.</summary>
    public override string ToString()
    {
        string verdict = (IsCandidate, Obstacles.Count) switch
        {
            (true, 0) => "eligible",
            (true, _) => $"last resort: {string.Join(", ", Obstacles)}",
            _ => $"out: {string.Join(", ", Obstacles)}",
        };
        string detail = Detail is null ? "" : $", {Detail}";
        return string.Create(CultureInfo.InvariantCulture, $"{verdict}; weight {Weight:0.###}, {InFlight} in flight{detail}");
    }
}
