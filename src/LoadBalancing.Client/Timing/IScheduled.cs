namespace LoadBalancing.Client.Timing;

/// <summary>Something that is to be done at a time.</summary>
internal interface IScheduled
{
    /// <summary>It is time. Runs on the timer's thread, so it must be quick; it may schedule itself again.</summary>
    void Run();
}
