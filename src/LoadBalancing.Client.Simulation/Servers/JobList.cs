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

    /// <summary>One takes the place of another.</summary>
    public void Replace(Job job, Job successor)
    {
        (successor.List, successor.Previous, successor.Next) = (this, job.Previous, job.Next);
        if (job.Previous is null)
        {
            First = successor;
        }
        else
        {
            job.Previous.Next = successor;
        }

        if (job.Next is null)
        {
            _last = successor;
        }
        else
        {
            job.Next.Previous = successor;
        }

        job.List = null;
        job.Previous = job.Next = null;
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
