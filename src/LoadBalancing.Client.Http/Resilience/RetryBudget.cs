using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>
/// Limits what is sent in addition to first attempts, retries and hedges alike: whenever one more is granted, those of the last 10 s, it and those that are granted but not sent yet included, are at most
/// a share of the first attempts of the last 10 s, plus a few. One per balancer, whatever number of handlers it has. Thread safe.
/// </summary>
/// <remarks>
/// Time is counted in slices. Additional attempts are added up over a window of whole slices that is never shorter than 10 s, first attempts over one that is never longer: so the limit is kept exactly, and what is granted
/// is less than it could be by no more than one slice of traffic. First attempts are only counted in total; a slice is what the total has grown by since a mark, which is set by whoever comes first in the next slice.
/// A count that others add in that very instant may fall into the slice before, which is the stricter one.
/// </remarks>
internal sealed class RetryBudget
{
    private const int SlicesPerWindow = 20;

    /// <summary>A window of at least 10 s is the slice that has begun and all of these before it.</summary>
    private const int Kept = SlicesPerWindow + 1;

    private static readonly BalancerSlot<RetryBudget> Slot = new(balancer => new RetryBudget(balancer.TimeProvider));

    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly long _sliceLength;
    private readonly long _origin;
    private readonly long[] _firstsBefore = new long[Kept];
    private readonly int[] _sent = new int[Kept];
    private PaddedCounter _firsts;
    private long _slice;
    private long _sliceEnd;
    private int _held;

    public RetryBudget(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _origin = timeProvider.GetTimestamp();

        // Rounded up: a window must not be shorter than it says.
        _sliceLength = (long)Math.Ceiling(RetryBudgetOptions.Window.TotalSeconds * timeProvider.TimestampFrequency / SlicesPerWindow);
        _sliceEnd = _origin + _sliceLength;
    }

    /// <summary>How many are granted, but neither sent nor given back.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>The budget of a balancer.</summary>
    public static RetryBudget Of(Balancer balancer) => Slot.Get(balancer);

    /// <summary>Counts the first attempt of a request.</summary>
    /// <param name="now">The time, which whoever sends has read anyway.</param>
    public void CountFirst(long now)
    {
        // Only one does this; the others go on, and what they count meanwhile falls into either slice.
        if (now >= Volatile.Read(ref _sliceEnd) && _gate.TryEnter())
        {
            try
            {
                MoveOn(now);
            }
            finally
            {
                _gate.Exit();
            }
        }

        Interlocked.Increment(ref _firsts.Value);
    }

    /// <summary>Asks for one more attempt.</summary>
    /// <returns>Whether it is granted. Then it holds a place until it is sent (<see cref="Spend"/>) or not (<see cref="GiveBack"/>).</returns>
    public bool TryWithdraw(RetryBudgetOptions options)
    {
        lock (_gate)
        {
            MoveOn(_timeProvider.GetTimestamp());
            long firsts = Volatile.Read(ref _firsts.Value) - _firstsBefore[PlaceOf(_slice - SlicesPerWindow + 1)];
            if (_held + _sent.Sum() + 1 > (options.Ratio * firsts) + options.MinRetries)
            {
                return false;
            }

            _held++;
            return true;
        }
    }

    /// <summary>What was granted is sent now.</summary>
    public void Spend()
    {
        lock (_gate)
        {
            MoveOn(_timeProvider.GetTimestamp());
            _held--;
            _sent[PlaceOf(_slice)]++;
        }
    }

    /// <summary>What was granted is not sent.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            _held--;
        }
    }

    private static int PlaceOf(long slice) => (int)((slice + Kept) % Kept);

    private void MoveOn(long now)
    {
        if (now < _sliceEnd)
        {
            return;
        }

        long firsts = Volatile.Read(ref _firsts.Value);
        long current = (now - _origin) / _sliceLength;
        for (long slice = Math.Max(_slice + 1, current - Kept + 1); slice <= current; slice++)
        {
            _firstsBefore[PlaceOf(slice)] = firsts;
            _sent[PlaceOf(slice)] = 0;
        }

        _slice = current;
        Volatile.Write(ref _sliceEnd, _origin + ((current + 1) * _sliceLength));
    }
}
