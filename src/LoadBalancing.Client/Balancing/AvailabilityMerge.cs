using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Turns what is known about the backends into who may be picked: takes out what was taken out on purpose, spreads load over the priority tiers, judges panic, spreads each tier over zones, and builds the
/// tree of pickers. Runs under the writers' lock.
/// </summary>
internal sealed class AvailabilityMerge
{
    private readonly PickerFactory _factory;
    private readonly Random _random;
    private readonly AvailabilityRules _rules;
    private readonly PoolNumbers _pools;

    public AvailabilityMerge(PickerFactory factory, Random random, AvailabilityRules rules, PoolNumbers pools)
    {
        _factory = factory;
        _random = random;
        _rules = rules;
        _pools = pools;
    }

    public PickerFactory Factory => _factory;

    /// <summary>How traffic stays in the caller's zone; nothing when that is off.</summary>
    public ZoneRules? Zones => _rules.Zones;

    /// <param name="listed">All backends.</param>
    /// <param name="isLive">Whether the snapshot may be used as it is.</param>
    /// <param name="isKnown">Whether it is known how the backends are; while it is not, nothing fails open.</param>
    public Snapshot Build(Census listed, bool isLive, bool isKnown = true)
    {
        Tier[] tiers = Plan(listed, isKnown);
        ForEachReasons(tiers, (backend, reasons) => backend.StandingReasons = reasons);
        double share = listed.EligibleShare;
        PoolPickers pickers = new(_factory);
        Snapshot snapshot = new(Join(listed, tiers), BuildPicker(tiers, pickers), isLive, _factory.UsesHash, Array.ConvertAll(tiers, tier => tier.ToView()), share, _rules.Levels.LevelOf(share))
        {
            Basis = new ViewBasis(listed, isKnown, pickers),
        };
        _factory.RetainPools(NumbersOf(tiers));
        return snapshot;
    }

    /// <summary>
    /// The same for somebody who cannot reach all of them: by the same rules, from what was known when the snapshot was built, but nothing of it is marked on the backends, and no memory of the policy is given up.
    /// </summary>
    public ViewPlan BuildView(ViewBasis basis, object viewer, IReadOnlyDictionary<BackendState, Readiness> readiness)
    {
        Census listed = basis.Listed.SeenBy(viewer, readiness);
        Tier[] tiers = Plan(listed, basis.IsKnown);
        TierHandOver.Apply(tiers);
        Dictionary<BackendState, PickReasons> reasons = [];
        ForEachReasons(tiers, (backend, standing) => AddIfAny(reasons, backend, standing));
        return new ViewPlan(
            Join(listed, tiers),
            BuildPicker(tiers, new PoolPickers(_factory, viewer, basis.Pickers)),
            reasons.Count == 0 ? null : reasons,
            Array.Exists(tiers, tier => tier.Load > 0 && tier.Census.IsAnyPickable(tier.FailsOpen)),
            !basis.IsKnown || listed.IsAnyPending(failsOpen: !_rules.FailClosed));

        static void AddIfAny(Dictionary<BackendState, PickReasons> reasons, BackendState backend, PickReasons standing)
        {
            if (standing != PickReasons.None)
            {
                reasons.Add(backend, standing);
            }
        }
    }

    private Tier[] Plan(Census listed, bool isKnown)
    {
        Tier[] tiers = Array.ConvertAll(listed.GroupBy(backend => backend.Description.Priority, Comparer<int>.Default), group => new Tier(group.Key, group.Census));
        Panic.Judge(tiers, _rules.PanicThreshold, mayFailOpen: isKnown && !_rules.FailClosed);
        foreach (Tier tier in tiers)
        {
            tier.Zones = tier.FailsOpen ? null : _rules.Zones?.Split(tier, _pools, keepsKeys: _factory.UsesHash);
        }

        return tiers;
    }

    private static void ForEachReasons(Tier[] tiers, Action<BackendState, PickReasons> take)
    {
        bool isFirst = true;
        foreach (Tier tier in tiers)
        {
            PickReasons reasons = (tier.FailsOpen ? PickReasons.FailOpen : 0) | (isFirst ? 0 : PickReasons.SpilledTier);
            foreach (BackendState backend in tier.Census.Backends)
            {
                take(backend, reasons | (tier.Zones is { } zones && !zones.IsLocal(backend) ? PickReasons.SpilledZone : 0));
            }

            isFirst &= tier.Census.UsableCount == 0;
        }
    }

    /// <summary>All tiers in one set: who may be picked at all, in the order in which a pick that finds its choice refused looks for another.</summary>
    private BackendSet Join(Census listed, Tier[] tiers)
    {
        if (tiers is [{ Zones: not { IsInForce: true } } only])
        {
            return SetOf(only);
        }

        BackendSet[] sets = [.. tiers.SelectMany(tier => tier.Zones is { IsInForce: true } zones ? zones.Zones.Select(zone => zone.Backends) : [SetOf(tier)])];
        return new BackendSet(
            listed.Backends,
            [.. sets.SelectMany(set => set.EligibleArray)],
            [.. sets.SelectMany(set => set.EligibleWeights.ToArray())]);
    }

    /// <summary>The pools that the list can be split into, whether it is now or not: a tier that is too small for zones for a while does not lose what is remembered of them.</summary>
    private int[] NumbersOf(Tier[] tiers) =>
        [.. tiers.SelectMany(tier => (_rules.Zones?.NamesOf(tier.Census) ?? []).Select(zone => _pools.Of(tier.Priority, zone)).Prepend(_pools.Of(tier.Priority)))];

    private BackendSet SetOf(Tier tier) => tier.Set ??= tier.Census.ToSet(_pools.Of(tier.Priority), tier.FailsOpen);

    private Picker BuildPicker(Tier[] tiers, PoolPickers pickers)
    {
        TierPicker.Choice[] choices = [.. tiers.Where(tier => tier.Load > 0).Select(tier => new TierPicker.Choice(tier.Priority, tier.Load, BuildPicker(tier, pickers)))];
        return choices switch
        {
            [] => pickers.CreateEmpty(),
            [var only] => only.Picker,
            _ => new TierPicker(choices, _random),
        };
    }

    private Picker BuildPicker(Tier tier, PoolPickers pickers)
    {
        if (tier.Zones is not { IsInForce: true } zones)
        {
            return pickers.Create(SetOf(tier));
        }

        ZonePicker.Choice[] choices = [.. zones.Zones.Where(zone => zone.Share > 0).Select(zone => new ZonePicker.Choice(zone, pickers.Create(zone.Backends)))];
        return choices is [var only] ? only.Picker : new ZonePicker(choices, _random);
    }
}
