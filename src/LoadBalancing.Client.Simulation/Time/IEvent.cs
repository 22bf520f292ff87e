namespace LoadBalancing.Client.Simulation.Time;

/// <summary>Something that happens at a time.</summary>
internal interface IEvent
{
    /// <summary>The time has come.</summary>
    /// <param name="tag">What was given when it was scheduled: what can be called off tells by it whether that has happened.</param>
    void Run(int tag);
}
