namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Whether a request whose attempt has failed is tried again: at once, and elsewhere if there is an elsewhere, as long as it has attempts left.</summary>
/// <param name="attempts">How many it has in all.</param>
internal sealed class RetryPlan(int attempts)
{
    /// <param name="made">How many attempts were made.</param>
    public bool Allows(int made) => made < attempts;
}
