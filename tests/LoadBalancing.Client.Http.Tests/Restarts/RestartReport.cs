namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>What became of the requests of a run.</summary>
/// <param name="Sent">How many there were.</param>
/// <param name="Lost">Those that were not answered as they should have been.</param>
/// <param name="Arrivals">How often each has arrived at servers, by method and number.</param>
/// <param name="Backends">Where the servers are.</param>
internal sealed record RestartReport(int Sent, IReadOnlyList<LostRequest> Lost, IReadOnlyDictionary<string, int> Arrivals, IReadOnlyList<Uri> Backends)
{
    /// <summary>Those of some requests that have arrived at servers more than once.</summary>
    public IEnumerable<string> ArrivedMoreThanOnce(Func<int, bool> isMeant) =>
        Arrivals.Where(arrival => arrival.Value > 1 && isMeant(NumberOf(arrival.Key))).Select(arrival => $"{arrival.Key}: {arrival.Value} times");

    private static int NumberOf(string arrival) => int.Parse(arrival.AsSpan(arrival.IndexOf(' ', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture);
}
