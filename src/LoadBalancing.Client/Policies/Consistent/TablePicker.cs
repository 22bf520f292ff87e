using System.Globalization;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>
/// Chooses the owner of a hash in a table over all backends of the pool. An owner that may not be used (not eligible, excluded, or at its bound) is walked past, so only its own keys move, and only until it is back.
/// Where a walk is limited and finds nobody, a remix of the hash chooses a place among the eligible ones, and the search goes on from there.
/// </summary>
internal sealed class TablePicker<TTable> : HashPicker
    where TTable : struct, IHashTable
{
    private const int StepsPerOwner = 32;

    private readonly TTable _table;
    private readonly BackendState?[] _owners;
    private readonly BackendState[] _eligible;
    private readonly int[] _ownerOfEligible;
    private readonly HashlessPicks _hashless;
    private readonly LoadBound? _bound;

    /// <param name="table">Over all backends of the pool.</param>
    /// <param name="owners">For each key of the table its backend if that is eligible, else nothing; at least one.</param>
    /// <param name="eligible">The eligible backends.</param>
    /// <param name="ownerOfEligible">The key of each eligible backend.</param>
    /// <param name="hashless">What to do without a hash.</param>
    /// <param name="bound">What a backend may have in flight; nothing for no bound.</param>
    public TablePicker(TTable table, BackendState?[] owners, BackendState[] eligible, int[] ownerOfEligible, HashlessPicks hashless, LoadBound? bound)
    {
        _table = table;
        _owners = owners;
        _eligible = eligible;
        _ownerOfEligible = ownerOfEligible;
        _hashless = hashless;
        _bound = bound;
    }

    public override BackendState? Pick(in PickRequest request)
    {
        if (request.Hash is not { } hash)
        {
            return _eligible.Length == 0 ? null : PickWithoutHash(request);
        }

        if (_bound is null && !request.HasExclusions && _owners[_table.OwnerAt(_table.Find(hash))] is { } owner)
        {
            return owner;
        }

        return _eligible.Length <= 1
            ? _eligible.Length == 0 ? null : _eligible[0]
            : PickUsable(hash, request.ExcludedInPlace);
    }

    public override IReadOnlyList<BackendState> GetBackends(ulong hash, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int wanted = Math.Min(count, _eligible.Length);
        List<BackendState> found = new(wanted);
        bool[] isFound = new bool[_owners.Length];
        int place = StartOf(hash);
        for (int i = 0; i <= _table.WalkLimit && found.Count < wanted; i++, place = After(place))
        {
            Take(_table.OwnerAt(place));
        }

        int next = RemixOf(hash);
        for (int i = 0; found.Count < wanted; i++, next = next + 1 < _eligible.Length ? next + 1 : 0)
        {
            Take(_ownerOfEligible[next]);
        }

        return found;

        void Take(int owner)
        {
            if (_owners[owner] is { } backend && !isFound[owner])
            {
                isFound[owner] = true;
                found.Add(backend);
            }
        }
    }

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        int index = Array.IndexOf(_eligible, backend);
        if (index < 0)
        {
            return null;
        }

        string? key = request.Hash is { } hash && ReferenceEquals(_owners[_table.OwnerAt(_table.Find(hash))], backend) ? "owns the key" : null;
        string? load = _bound is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{backend.InFlight} of at most {_bound.LimitOf(_ownerOfEligible[index], _bound.ReadTotal())} in flight");
        return key is null || load is null ? key ?? load : $"{key}, {load}";
    }

    private BackendState PickWithoutHash(in PickRequest request)
    {
        BackendState drawn = _hashless.Pick(request);
        return _bound is null || _eligible.Length == 1 || _bound.Accepts(drawn, _ownerOfEligible[Array.IndexOf(_eligible, drawn)], _bound.ReadTotal())
            ? drawn
            : PickUsable(_hashless.DrawHash(), request.ExcludedInPlace);
    }

    private BackendState PickUsable(ulong hash, in BackendExclusions excluded)
    {
        if (excluded.Count >= _eligible.Length && AreAllIn(excluded))
        {
            // Nothing else is left: exclusions are ignored then.
            return PickUsable(hash, default);
        }

        // Where bounds refuse, and above all where exclusions leave only backends at their bounds, a walk might go round the whole table: it ends when meeting nobody has become next to impossible.
        int limit = _bound is null ? _table.WalkLimit : (int)Math.Min(_table.WalkLimit, StepsPerOwner * (long)_owners.Length);
        bool isAnyExcluded = !excluded.IsEmpty;
        long inFlight = _bound?.ReadTotal() ?? 0;
        int place = StartOf(hash);
        for (int i = 0; i <= limit; i++, place = After(place))
        {
            int owner = _table.OwnerAt(place);
            if (_owners[owner] is { } backend && !(isAnyExcluded && excluded.Contains(backend)) && (_bound is null || _bound.Accepts(backend, owner, inFlight)))
            {
                return backend;
            }
        }

        int next = RemixOf(hash);
        for (int i = 0; i < _eligible.Length; i++, next = next + 1 < _eligible.Length ? next + 1 : 0)
        {
            BackendState backend = _eligible[next];
            if (!(isAnyExcluded && excluded.Contains(backend)) && (_bound is null || _bound.Accepts(backend, _ownerOfEligible[next], inFlight)))
            {
                return backend;
            }
        }

        return PickLeastLoaded(excluded);
    }

    /// <summary>Everybody is at its bound: others were quicker while we looked, or the rest is excluded. The least loaded for its share is the one that exceeds its bound last.</summary>
    private BackendState PickLeastLoaded(in BackendExclusions excluded)
    {
        int least = -1;
        double leastLoad = double.PositiveInfinity;
        for (int i = 0; i < _eligible.Length; i++)
        {
            double load = _bound!.LoadOf(_eligible[i], _ownerOfEligible[i]);
            if (!excluded.Contains(_eligible[i]) && (load < leastLoad || least < 0))
            {
                (least, leastLoad) = (i, load);
            }
        }

        return _eligible[least];
    }

    private int StartOf(ulong hash)
    {
        int place = _table.Find(hash);
        return place < _table.Length ? place : 0;
    }

    private int After(int place) => place + 1 < _table.Length ? place + 1 : 0;

    private int RemixOf(ulong hash) => _eligible.Length == 0 ? 0 : (int)(XxHash64.Remix(hash) % (ulong)_eligible.Length);

    private bool AreAllIn(in BackendExclusions excluded)
    {
        foreach (BackendState backend in _eligible)
        {
            if (!excluded.Contains(backend))
            {
                return false;
            }
        }

        return true;
    }
}
