namespace LoadBalancing.Client.Balancing;

/// <summary>What the options of another part (<see cref="BalancerOptions.GetFeature"/>) may implement to see what has become of them: whether they fit the policy, say.</summary>
internal interface IFeatureOptions
{
    /// <summary>Called once the options are in force, at first and after each reload. One call at a time; throws nothing.</summary>
    /// <param name="balancer">The balancer, which has these options now.</param>
    /// <param name="before">The options that it had before; <see langword="null"/> at first.</param>
    void OnInForce(Balancer balancer, BalancerOptions? before);
}
