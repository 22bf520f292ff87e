using LoadBalancing.Client;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.DependencyInjection.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Describes balancers by configuration.</summary>
public static class BalancerBuilderConfigurationExtensions
{
    /// <summary>
    /// Fills the balancer's options from a configuration section: policy, backends, DNS and the rest, and again whenever it changes. A change is applied as a whole; with bad values
    /// nothing of it is applied, and an error is logged. Backends of other steps add to those of the section; single values, such as the policy, are overridden by later steps.
    /// </summary>
    /// <remarks>
    /// Within <c>AddLoadBalancer</c> and <c>AddLoadBalancedHttpClient</c> the section may have the keys of every package whose services are registered. Without a container it may have
    /// those of this package only. Building the balancer throws an <see cref="Options.OptionsValidationException"/> that names every problem of the section: path, value, what is allowed.
    /// </remarks>
    /// <param name="builder">The balancer.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>.</param>
    public static BalancerBuilder UseConfiguration(this BalancerBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseConfiguration(
            section,
            builder.Services?.GetServices<IBalancerSectionReader>() ?? [],
            builder.Services?.GetServices<PolicyRegistration>() ?? []);
    }

    /// <summary>The same with the readers and policies of other packages, for one that has no container to register them in.</summary>
    internal static BalancerBuilder UseConfiguration(
        this BalancerBuilder builder, IConfigurationSection section, IEnumerable<IBalancerSectionReader> readers, IEnumerable<PolicyRegistration> policies)
    {
        ArgumentNullException.ThrowIfNull(section);
        SectionStep step = new(section, readers.Prepend(new CoreSectionReader(new PolicyCatalog(policies))));
        return builder
            .Configure(step.Fill)
            .ReloadOn(new ChangeSource(reload => ChangeToken.OnChange(section.GetReloadToken, reload), () => SectionText.Read(section)));
    }
}
