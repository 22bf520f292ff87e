using LoadBalancing.Client.Balancing.Subsets;
using LoadBalancing.Client.Discovery;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Which backends there are: the fixed ones and the latest list of each source, in that order. Watches the sources, and tells when the first answer is here.
/// </summary>
/// <remarks>Shares the reconciler's lock, so that lists reach it in the order in which they were combined.</remarks>
internal sealed class BackendDirectory : ISourceListener, IDisposable
{
    private readonly BalancerEnvironment _environment;
    private readonly BalancerInstruments _instruments;
    private readonly Reconciler _reconciler;
    private readonly SnapshotNews _news;
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<Backend> _fixed = [];
    private SourceWatcher[] _watchers = [];
    private IReadOnlyList<Backend> _heldOver = [];
    private IReadOnlyList<Backend> _outside = [];
    private Subset? _subset;
    private ulong? _seed;
    private bool _isStarted;
    private bool _isDisposed;

    public BackendDirectory(BalancerEnvironment environment, BalancerInstruments instruments, Reconciler reconciler, SnapshotNews news, ulong? subsetSeed)
    {
        _environment = environment;
        _instruments = instruments;
        _reconciler = reconciler;
        _news = news;
        _seed = subsetSeed;
    }

    /// <summary>Draws what decides which backends are in this client's subset.</summary>
    public static ulong DrawSubsetSeed(Random random) => (ulong)random.NextInt64();

    /// <summary>Completes when a source has named a backend, or all have answered.</summary>
    public Task FirstAnswer => _firstAnswer.Task;

    /// <summary>What a source last failed with, for the message of a pick that has waited for it in vain.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Backends that are listed but not in this client's subset: nothing is known about them, and nothing is sent to them.</summary>
    public IReadOnlyList<Backend> Outside => Volatile.Read(ref _outside);

    /// <summary>What the first answer is waiting for, in a sentence; <see langword="null"/> once it is here.</summary>
    public string? DescribeWait()
    {
        if (FirstAnswer.IsCompleted)
        {
            return null;
        }

        string waiting = string.Join(", ", Volatile.Read(ref _watchers).Where(watcher => watcher.Latest is null).Select(watcher => watcher.Name));
        return LastFailure is { } failure ? $"Waiting for {waiting}; the last failure: {failure.Message}" : $"Waiting for {waiting}.";
    }

    /// <summary>Takes the fixed backends and the sources of new options, and a picker's rules with them, all or nothing. Sources that stay go on watching; their lists stay.</summary>
    public void Configure(BalancerOptions options, AvailabilityMerge merge)
    {
        using (_reconciler.EnterWrite())
        {
            SourceWatcher[] watchers = [.. options.Sources.Select(source => Array.Find(_watchers, watcher => ReferenceEquals(watcher.Source, source))
                ?? new SourceWatcher(source, _environment.TimeProvider, _environment.Random, this))];
            Backend[] fixedBackends = [.. options.Backends];
            Backend[] heldOver = WhatToHoldOver(fixedBackends, watchers);
            Subset? subset = CreateSubset(options, merge);
            IReadOnlyList<Backend> members = Narrow(subset, Combine(fixedBackends, watchers, heldOver), out IReadOnlyList<Backend> outside);
            _reconciler.Reconfigure(options, merge, members);

            _subset = subset;
            TakeOutside(outside);
            SourceWatcher[] gone = [.. _watchers.Except(watchers)];
            _fixed = fixedBackends;
            _watchers = watchers;
            _heldOver = heldOver;
            Array.ForEach(gone, watcher => watcher.Dispose());
            if (_isStarted)
            {
                Array.ForEach(watchers, watcher => watcher.Start());
            }

            TellFirstAnswer();
            if (_reconciler.Listed.Count == 0 && FirstAnswer.IsCompleted)
            {
                Log.NoBackends(_environment.Logger, _environment.Name);
            }
        }
    }

    public void Start()
    {
        using (_reconciler.EnterWrite())
        {
            if (!_isStarted && !_isDisposed)
            {
                _isStarted = true;
                Array.ForEach(_watchers, watcher => watcher.Start());
            }
        }
    }

    public void RequestRefresh()
    {
        foreach (SourceWatcher watcher in Volatile.Read(ref _watchers))
        {
            try
            {
                watcher.Source.RequestRefresh();
            }
#pragma warning disable CA1031 // A source must not be able to fail the request that asks for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CodeFailed(_environment.Logger, exception, _environment.Name, watcher.Name);
            }
        }
    }

    public void OnBackends(SourceWatcher watcher, IReadOnlyList<Backend> backends)
    {
        using (_reconciler.EnterWrite())
        {
            if (_isDisposed || !_watchers.Contains(watcher))
            {
                return;
            }

            watcher.Latest = backends;
            if (HaveAllAnswered(_watchers))
            {
                _heldOver = [];
            }

            List<Backend> combined = Combine(_fixed, _watchers, _heldOver);
            if (combined.Count == 0)
            {
                Log.NoBackends(_environment.Logger, _environment.Name);
            }

            IReadOnlyList<Backend> members = Narrow(_subset, combined, out IReadOnlyList<Backend> outside);
            TakeOutside(outside);
            _reconciler.Update(members);
            TellFirstAnswer();
        }
    }

    public void OnFailure(SourceWatcher watcher, Exception? exception, TimeSpan delay)
    {
        LastFailure = exception;
        _instruments.CountDiscoveryFailure(exception);
        int count = watcher.Latest?.Count ?? 0;
        if (exception is null)
        {
            Log.DiscoveryEnded(_environment.Logger, _environment.Name, watcher.Name, count);
        }
        else
        {
            Log.DiscoveryFailed(_environment.Logger, _environment.Name, watcher.Name, exception.Message, count);
            Log.DiscoveryFailureDetail(_environment.Logger, exception, _environment.Name, watcher.Name, delay);
        }
    }

    public void Dispose()
    {
        using (_reconciler.EnterWrite())
        {
            _isDisposed = true;
            Array.ForEach(_watchers, watcher => watcher.Dispose());
            _watchers = [];
            _firstAnswer.TrySetResult();
        }
    }

    private static bool HaveAllAnswered(SourceWatcher[] watchers) => Array.TrueForAll(watchers, watcher => watcher.Latest is not null);

    private static List<Backend> Combine(IReadOnlyList<Backend> fixedBackends, SourceWatcher[] watchers, IReadOnlyList<Backend> heldOver)
    {
        List<Backend> combined = [.. fixedBackends];
        foreach (SourceWatcher watcher in watchers)
        {
            combined.AddRange(watcher.Latest ?? []);
        }

        HashSet<string> ids = new(combined.Select(backend => backend.Id), StringComparer.Ordinal);
        combined.AddRange(heldOver.Where(backend => !ids.Contains(backend.Id)));
        return combined;
    }

    private static IReadOnlyList<Backend> Narrow(Subset? subset, List<Backend> combined, out IReadOnlyList<Backend> outside)
    {
        if (subset is null)
        {
            outside = [];
            return combined;
        }

        subset.Split(combined, out IReadOnlyList<Backend> members, out outside);
        return members;
    }

    /// <summary>A seed that was not given is drawn when it is first needed, and kept for life: the same backends are chosen from the same list, whatever is configured meanwhile.</summary>
    private Subset? CreateSubset(BalancerOptions options, AvailabilityMerge merge) =>
        options.SubsetSize is { } size ? new Subset(size, _seed ??= DrawSubsetSeed(_environment.Random), merge.Zones is { } zones ? zones.NameOf : null) : null;

    private void TakeOutside(IReadOnlyList<Backend> outside)
    {
        bool isNews = outside.Count > 0 && _outside.Count == 0;
        Volatile.Write(ref _outside, outside);
        if (isNews)
        {
            Log.SubsetTaken(_environment.Logger, _environment.Name, outside.Count, _subset!.Size);
        }
    }

    /// <summary>
    /// While a new source has not answered, what its predecessors had named stays in use: a changed setting of discovery must not empty the pool, and least of all when the new one fails.
    /// </summary>
    private Backend[] WhatToHoldOver(Backend[] fixedBackends, SourceWatcher[] watchers)
    {
        if (HaveAllAnswered(watchers) || !FirstAnswer.IsCompleted)
        {
            return [];
        }

        IEnumerable<Backend> replaced = _watchers.Except(watchers).SelectMany(watcher => watcher.Latest ?? []);
        IEnumerable<Backend> removed = fixedBackends.Length == 0 ? _fixed : [];
        return [.. removed, .. replaced, .. _heldOver];
    }

    private void TellFirstAnswer()
    {
        if (_reconciler.Listed.Count > 0 || HaveAllAnswered(_watchers))
        {
            if (_firstAnswer.TrySetResult())
            {
                _news.OnFirstAnswer();
            }
        }
    }
}
