namespace LoadBalancing.Client.Simulation.Time;

/// <summary>What is to happen, the next first; of what is due at the same time, that which was added first. A heap of structs with four children per node, so that nothing is allocated per event.</summary>
/// <remarks>Nothing can be taken out before its time: what was called off sees that for itself, by its tag.</remarks>
internal sealed class EventQueue
{
    private const int Children = 4;

    private ScheduledEvent[] _heap = new ScheduledEvent[1024];
    private int _count;
    private long _lastSequence;

    /// <summary>How much of it is work; see <see cref="ScheduledEvent.IsWork"/>.</summary>
    public int Work { get; private set; }

    public void Add(double time, IEvent target, int tag, bool isWork)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * _count);
        }

        Work += isWork ? 1 : 0;
        Rise(_count++, new ScheduledEvent(time, ++_lastSequence, target, tag, isWork));
    }

    /// <summary>Takes the next event. There must be one.</summary>
    public ScheduledEvent Take()
    {
        ScheduledEvent first = _heap[0];
        ScheduledEvent last = _heap[--_count];
        _heap[_count] = default;
        if (_count > 0)
        {
            Sink(last);
        }

        Work -= first.IsWork ? 1 : 0;
        return first;
    }

    private void Rise(int place, in ScheduledEvent added)
    {
        ScheduledEvent[] heap = _heap;
        while (place > 0)
        {
            int parent = (place - 1) / Children;
            if (!added.IsBefore(heap[parent]))
            {
                break;
            }

            heap[place] = heap[parent];
            place = parent;
        }

        heap[place] = added;
    }

    private void Sink(in ScheduledEvent moved)
    {
        ScheduledEvent[] heap = _heap;
        int place = 0;
        while (true)
        {
            int child = (place * Children) + 1;
            if (child >= _count)
            {
                break;
            }

            int least = child;
            int end = Math.Min(child + Children, _count);
            while (++child < end)
            {
                if (heap[child].IsBefore(heap[least]))
                {
                    least = child;
                }
            }

            if (!heap[least].IsBefore(moved))
            {
                break;
            }

            heap[place] = heap[least];
            place = least;
        }

        heap[place] = moved;
    }
}
