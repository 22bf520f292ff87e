namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>Jobs in the order in which they came; any of them can leave at once.</summary>
internal sealed class JobList
{
    private Job? _last;

    public Job? First { get; private set; }

    public int Count { get; private set; }

    public void Add(Job job)
    {
        job.List = this;
        job.Previous = _last;
        job.Next = null;
        if (_last is null)
        {
            First = job;
        }
        else
        {
            _last.Next = job;
        }

        _last = job;
        Count++;
    }

    public void Remove(Job job)
    {
        if (job.Previous is null)
        {
            First = job.Next;
        }
        else
        {
            job.Previous.Next = job.Next;
        }

        if (job.Next is null)
        {
            _last = job.Previous;
        }
        else
        {
            job.Next.Previous = job.Previous;
        }

        job.List = null;
        job.Previous = job.Next = null;
        Count--;
    }
}
