namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>Spreads load over the tiers and judges panic: whether a tier has so few left that all of it is used, whatever health says.</summary>
internal static class Panic
{
    /// <summary>Decides which tiers fail open, and the load of each in per cent.</summary>
    /// <param name="tiers">All, in order.</param>
    /// <param name="threshold">A tier whose eligible share is below this fails open, when the tiers together are not healthy enough.</param>
    /// <param name="mayFailOpen">Whether any may.</param>
    public static void Judge(Tier[] tiers, double threshold, bool mayFailOpen)
    {
        int[] health = Array.ConvertAll(tiers, tier => TierLoad.Health(tier.Census.EligibleCount, tier.Census.UsableCount));
        int[] load = TierLoad.Spread(health);
        bool isNothingFirm = Array.TrueForAll(tiers, tier => tier.Census.FirmCount == 0);
        if (load.Sum() == 0)
        {
            // In whole per cent it is no health, but it is not nothing.
            load = TierLoad.SpreadByCount(Array.ConvertAll(tiers, tier => tier.Census.EligibleCount));
        }

        if (mayFailOpen && (isNothingFirm || health.Sum() < 100))
        {
            foreach (Tier tier in tiers)
            {
                tier.FailsOpen = tier.Census.UsableCount > 0
                    && (isNothingFirm || (double)tier.Census.EligibleCount / tier.Census.UsableCount < threshold);
            }

            if (isNothingFirm || Array.TrueForAll(tiers, tier => tier.FailsOpen || tier.Census.UsableCount == 0))
            {
                load = TierLoad.SpreadByCount(Array.ConvertAll(tiers, tier => tier.Census.UsableCount));
            }
        }

        for (int i = 0; i < tiers.Length; i++)
        {
            tiers[i].Load = load[i];
        }
    }
}
