namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>
/// Moves load, in a view, away from tiers in which nobody is connected. How load is spread counts who is still connecting, so that a channel that has just been made does not send its first streams to the stand-by tier because that
/// has answered first; but nobody waits for a tier that only takes what others could not.
/// </summary>
/// <remarks>Source of the wait: gRPC's <c>priority</c> policy (gRFC A56) tries the next priority only when the one before it has failed to connect, or has taken too long.</remarks>
internal static class TierHandOver
{
    /// <summary>
    /// A tier that has load, but nobody to pick, hands it to the nearest better tier that has somebody. Where there is none, requests wait for the tier while some of it is connecting, but not in a panic; else the next tier that has
    /// somebody takes it.
    /// </summary>
    public static void Apply(Tier[] tiers)
    {
        bool[] areServing = Array.ConvertAll(tiers, tier => tier.Census.IsAnyPickable(tier.FailsOpen));
        for (int i = 0; i < tiers.Length; i++)
        {
            if (tiers[i].Load == 0 || areServing[i])
            {
                continue;
            }

            int better = Array.LastIndexOf(areServing, true, i);
            bool waits = better < 0 && !tiers[i].FailsOpen && tiers[i].Census.IsAnyPending(failsOpen: false);
            int taker = waits ? -1 : better >= 0 ? better : Array.IndexOf(areServing, true, i);
            if (taker >= 0)
            {
                tiers[taker].Load += tiers[i].Load;
                tiers[i].Load = 0;
            }
        }
    }
}
