namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>What a server still does for somebody who has gone.</summary>
internal sealed class AbandonedJob : Job
{
    /// <param name="job">The request that was given up.</param>
    public AbandonedJob(Job job)
    {
        Arrive(job.Server, job.Arrived);
        (Left, End) = (job.Left, job.End);
    }

    public override void OnEnded(JobEnd end)
    {
    }
}
