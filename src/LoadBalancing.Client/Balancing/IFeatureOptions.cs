namespace LoadBalancing.Client.Balancing;

/// <summary>What the options of another part (<see cref="BalancerOptions.GetFeature"/>) may implement to be checked with the others, and to see what has become of them: whether they fit the policy, say.</summary>
internal interface IFeatureOptions
{
    /// <summary>What is wrong with them, each with key, value and what is allowed, but without a full stop.</summary>
    IEnumerable<string> FindProblems() => [];

    /// <summary>Called once the options are in force, at first and after each reload. One call at a time; throws nothing.</summary>
    /// <param name="balancer">The balancer, which has these options now.</param>
    /// <param name="before">The options that it had before; <see langword="null"/> at first.</param>
    void OnInForce(Balancer balancer, BalancerOptions? before);
}
