namespace LoadBalancing.Client.Simulation.Time;

/// <summary>An event and its time.</summary>
/// <param name="Time">When, in seconds.</param>
/// <param name="Sequence">Grows from one that is scheduled to the next.</param>
/// <param name="Target">What.</param>
/// <param name="Tag">For <see cref="IEvent.Run"/>.</param>
/// <param name="IsWork">Whether it is part of the traffic or of what happens to the servers. A balancer's timers go on for ever; when nothing but these is left, nothing happens any more.</param>
internal readonly record struct ScheduledEvent(double Time, long Sequence, IEvent Target, int Tag, bool IsWork)
{
    public bool IsBefore(in ScheduledEvent other) => Time < other.Time || (Time == other.Time && Sequence < other.Sequence);
}
