using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing;

/// <summary>Tells what keeps a backend out, since when, why, and what comes next: <c>ejected 12 s ago (5 failures in a row), third time, returns in 78 s</c>.</summary>
internal static class ObstacleText
{
    private static readonly string[] Ordinals = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    public static IEnumerable<string> Describe(BackendState backend, TimeProvider timeProvider)
    {
        Unavailability unavailability = backend.Unavailability;
        long now = timeProvider.GetTimestamp();
        return AvailabilityText.ReasonsOf(unavailability).Select(reason => Describe(reason.Text, backend.GetVerdict(reason.Flag), now, timeProvider));
    }

    private static string Describe(string flag, Verdict? verdict, long now, TimeProvider timeProvider)
    {
        if (verdict is null)
        {
            return flag;
        }

        string age = Seconds(timeProvider.GetElapsedTime(verdict.Since, now));
        string times = verdict.Times > 1 ? $", {(verdict.Times < Ordinals.Length ? Ordinals[verdict.Times] : $"{verdict.Times}th")} time" : "";
        string next = verdict.NextStep is { } step && verdict.NextAt != long.MaxValue ? $", {step} in {Seconds(timeProvider.GetElapsedTime(now, verdict.NextAt))}" : "";
        return $"{flag} {age} ago ({verdict.Cause}){times}{next}";
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalSeconds):0.#} s");
}
