namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>
/// Reads the keys that one package owns from the configuration section of a balancer. Registered in the container as one of many; all of them read the same section,
/// and a key that none has read is refused.
/// </summary>
internal interface IBalancerSectionReader
{
    /// <summary>
    /// Reads every key that it owns, whatever the values of others, and writes what is there to the options; reports bad values to <paramref name="section"/> and throws nothing.
    /// Called once per load and reload, with new options.
    /// </summary>
    void Read(SectionReader section, BalancerOptions options);
}
