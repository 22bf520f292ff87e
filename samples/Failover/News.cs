using System.Diagnostics;
using System.Globalization;
using LoadBalancing.Client;

namespace Failover;

/// <summary>What the balancer says as it happens. Its events come from the threads of requests and timers, so this only takes notes.</summary>
internal sealed class News
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<string> _lines = [];

    public News(Balancer balancer)
    {
        balancer.CircuitChanged += (_, change) => Add($"{change.Backend.Id}: circuit {change.From} -> {change.To} ({change.Cause})");
        balancer.AvailabilityChanged += (_, change) =>
        {
            // Of circuits it has been told.
            if (change.Flag != Unavailability.CircuitOpen)
            {
                Add($"{change.Backend.Id}: {(change.IsSet ? "set" : "cleared")} {change.Flag}{(change.Cause is null ? "" : $" ({change.Cause})")}");
            }
        };
        balancer.ServiceLevelChanged += (_, change) => Add(string.Create(CultureInfo.InvariantCulture, $"service level {change.From} -> {change.To} ({change.EligibleShare:0%} eligible)"));
    }

    /// <summary>The latest lines.</summary>
    public IReadOnlyList<string> Latest(int count)
    {
        lock (_lines)
        {
            return [.. _lines.TakeLast(count)];
        }
    }

    /// <summary>The lines since the last call of this.</summary>
    public IReadOnlyList<string> TakeNew(ref int seen)
    {
        lock (_lines)
        {
            IReadOnlyList<string> fresh = [.. _lines.Skip(seen)];
            seen = _lines.Count;
            return fresh;
        }
    }

    private void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,5:0.0} s  {line}"));
        }
    }
}
