using LoadBalancing.Client.Balancing.Tiers;
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

    public Snapshot Build(Census listed, bool isLive)
    {
        Tier[] tiers = Array.ConvertAll(listed.GroupBy(backend => backend.Description.Priority, Comparer<int>.Default), group => new Tier(group.Key, group.Census));
        JudgePanic(tiers);
        foreach (Tier tier in tiers)
        {
            tier.Zones = tier.FailsOpen ? null : _rules.Zones?.Split(tier, _pools, keepsKeys: _factory.UsesHash);
        }

        MarkReasons(tiers);
        double share = listed.EligibleShare;
        Snapshot snapshot = new(Join(listed, tiers), BuildPicker(tiers), isLive, _factory.UsesHash, Array.ConvertAll(tiers, tier => tier.ToView()), share, _rules.Levels.LevelOf(share));
        _factory.RetainPools(NumbersOf(tiers));
        return snapshot;
    }

    /// <summary>Decides which tiers fail open, and the load of each in per cent.</summary>
    private void JudgePanic(Tier[] tiers)
    {
        int[] health = Array.ConvertAll(tiers, tier => TierLoad.Health(tier.Census.EligibleCount, tier.Census.UsableCount));
        int[] load = TierLoad.Spread(health);
        bool isNothingEligible = Array.TrueForAll(tiers, tier => tier.Census.EligibleCount == 0);
        if (load.Sum() == 0 && !isNothingEligible)
        {
            // In whole per cent it is no health, but it is not nothing.
            load = TierLoad.SpreadByCount(Array.ConvertAll(tiers, tier => tier.Census.EligibleCount));
        }

        if (!_rules.FailClosed && health.Sum() < 100)
        {
            foreach (Tier tier in tiers)
            {
                tier.FailsOpen = tier.Census.UsableCount > 0
                    && (isNothingEligible || (double)tier.Census.EligibleCount / tier.Census.UsableCount < _rules.PanicThreshold);
            }

            if (isNothingEligible || Array.TrueForAll(tiers, tier => tier.FailsOpen || tier.Census.UsableCount == 0))
            {
                load = TierLoad.SpreadByCount(Array.ConvertAll(tiers, tier => tier.Census.UsableCount));
            }
        }

        for (int i = 0; i < tiers.Length; i++)
        {
            tiers[i].Load = load[i];
        }
    }

    private static void MarkReasons(Tier[] tiers)
    {
        bool isFirst = true;
        foreach (Tier tier in tiers)
        {
            PickReasons reasons = (tier.FailsOpen ? PickReasons.FailOpen : 0) | (isFirst ? 0 : PickReasons.SpilledTier);
            foreach (BackendState backend in tier.Census.Backends)
            {
                backend.StandingReasons = reasons | (tier.Zones is { } zones && !zones.IsLocal(backend) ? PickReasons.SpilledZone : 0);
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

    private Picker CreatePicker(BackendSet backends) =>
        _factory.CreatePicker(backends) ?? throw new InvalidOperationException($"{_factory.GetType()}.CreatePicker returned null.");

    private Picker BuildPicker(Tier[] tiers)
    {
        TierPicker.Choice[] choices = [.. tiers.Where(tier => tier.Load > 0).Select(tier => new TierPicker.Choice(tier.Priority, tier.Load, BuildPicker(tier)))];
        return choices switch
        {
            [] => CreatePicker(BackendSet.Empty),
            [var only] => only.Picker,
            _ => new TierPicker(choices, _random),
        };
    }

    private Picker BuildPicker(Tier tier)
    {
        if (tier.Zones is not { IsInForce: true } zones)
        {
            return CreatePicker(SetOf(tier));
        }

        ZonePicker.Choice[] choices = [.. zones.Zones.Where(zone => zone.Share > 0).Select(zone => new ZonePicker.Choice(zone, CreatePicker(zone.Backends)))];
        return choices is [var only] ? only.Picker : new ZonePicker(choices, _random);
    }
}
