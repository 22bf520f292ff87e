using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client;

/// <summary>
/// At random, in proportion to weight / average response time over a sliding window; computed again every second. Differences of speed are evened out softly: no backend is ever left out.
/// A backend without a sample in the window counts as the mean of the others.
/// </summary>
/// <remarks>
/// A failure counts as 5 s or its latency, whichever is more, but as no more than doubles the average; from the third in a row on the average is at least 5 s.
/// The shares are computed on the thread that reports the first outcome after each second; a pick reads no clock. Constant cost.
/// Source: our own, after the idea of Netflix Ribbon's <c>WeightedResponseTimeRule</c> (2013), which takes differences of averages where this takes their inverse.
/// </remarks>
public sealed class WeightedResponseTimePolicy : LoadBalancingPolicy
{
    internal static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override string Name => "weighted_response_time";

    /// <inheritdoc/>
    public override string Description => "at random, by weight / average response time";

    /// <summary>How far back responses count. From 1 second to 1 day. The default value is 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside of its range.</exception>
    public TimeSpan Window
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, ShortestWindow, nameof(Window));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestWindow, nameof(Window));
            field = value;
        }
    } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context, Window);
    }

    private sealed class Factory : PickerFactory
    {
        private readonly PolicyContext _context;
        private readonly PeriodicRefresh _refresh;
        private readonly BackendMemory<ResponseTime> _memory;

        public Factory(PolicyContext context, TimeSpan window)
        {
            _context = context;
            _refresh = new PeriodicRefresh(context.TimeProvider, RefreshPeriod);
            _memory = new BackendMemory<ResponseTime>(_ => new ResponseTime(context.TimeProvider, window, _refresh));
        }

        public override Picker CreatePicker(BackendSet backends)
        {
            ResponseTimePicker picker = new(backends, _memory.OfEligible(backends), _context);
            _refresh.Add(backends.Pool, picker, backends.Viewer);
            return picker;
        }

        public override IBackendObserver CreateObserver(BackendState backend) => _memory.Of(backend);
    }

    private sealed class ResponseTimePicker : Picker, IRefreshable
    {
        private readonly BackendSet _set;
        private readonly ResponseTime[] _times;
        private readonly PolicyContext _context;
        private RandomPicker _current;

        public ResponseTimePicker(BackendSet set, ResponseTime[] times, PolicyContext context)
        {
            _set = set;
            _times = times;
            _context = context;
            _current = Compute(context.TimeProvider.GetTimestamp());
        }

        public override BackendState? Pick(in PickRequest request) => Volatile.Read(ref _current).Pick(request);

        public override string? Describe(in PickRequest request, BackendState backend) => Array.IndexOf(_set.EligibleArray, backend) switch
        {
            < 0 => null,
            int index => _times[index].Average(_context.TimeProvider.GetTimestamp()) is { } seconds
                ? string.Create(CultureInfo.InvariantCulture, $"average {seconds * 1000:0.###} ms")
                : "no sample, counts as the mean",
        };

        public void Refresh(long now) => Volatile.Write(ref _current, Compute(now));

        private RandomPicker Compute(long now)
        {
            double?[] averages = Array.ConvertAll(_times, time => time.Average(now));

            // Not of those that fail on and on: a newcomer must not inherit their penalty.
            double mean = _times.Zip(averages, (time, average) => time.IsFailing ? null : average).Average() ?? averages.Average() ?? 1;
            double[] shares = new double[averages.Length];
            for (int i = 0; i < shares.Length; i++)
            {
                shares[i] = Math.Clamp(_set.EligibleWeights[i] / (averages[i] ?? mean), double.Epsilon, double.MaxValue);
            }

            return new RandomPicker(_set.EligibleArray, new WeightedSampler(new BackendSet(_set.EligibleArray, _set.EligibleArray, shares), _context.Random));
        }
    }
}
