namespace LoadBalancing.Client.Balancing.Views;

/// <summary>What a snapshot was built from, so that a view can be built from the same.</summary>
/// <param name="Listed">All backends, as they were counted.</param>
/// <param name="IsKnown">Whether it was known how they are.</param>
/// <param name="Pickers">The pickers that were made.</param>
internal sealed record ViewBasis(Census Listed, bool IsKnown, PoolPickers Pickers);
