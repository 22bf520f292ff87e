using LoadBalancing.Client;
using LoadBalancing.Client.DependencyInjection.Configuration;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers policies of one's own, so that configuration can name them.</summary>
public static class LoadBalancingPolicyServiceCollectionExtensions
{
    /// <summary>Makes <c>"Policy": "name"</c> in a balancer's section mean a policy of your own. Its <c>PolicyOptions</c> section must then be empty.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name, in any case.</param>
    /// <param name="create">Makes the policy; called on each load and on each change of the section. What it throws, and a result of <see langword="null"/>, is reported with the section's path, together with whatever else is wrong.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, the name of a policy of the library, or registered already.</exception>
    public static IServiceCollection AddLoadBalancingPolicy(this IServiceCollection services, string name, Func<LoadBalancingPolicy> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return services.AddPolicy(name, _ => ThrowIfNone(create()));
    }

    /// <summary>Makes <c>"Policy": "name"</c> in a balancer's section mean a policy of your own, which reads its <c>PolicyOptions</c> section.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name, in any case.</param>
    /// <param name="create">
    /// Makes the policy from the section, which is empty when there is none. Throws on a value that makes no sense: its message is then reported with the section's path, together with whatever else is wrong; and so is a
    /// result of <see langword="null"/>, and a key that it has not asked for, by name or by enumerating: so it must ask for every key that it allows, whatever the others say, before it returns. Called on each load and on each change of the section; the policy it made stays in use while the section stays as it is.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, the name of a policy of the library, or registered already.</exception>
    public static IServiceCollection AddLoadBalancingPolicy(this IServiceCollection services, string name, Func<IConfigurationSection, LoadBalancingPolicy> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return services.AddPolicy(name, options => options.ReadAll($"policy '{name}'", section => ThrowIfNone(create(section))));
    }

    /// <summary>Nothing would mean the default policy, in silence.</summary>
    private static LoadBalancingPolicy ThrowIfNone(LoadBalancingPolicy? policy) => policy ?? throw new InvalidOperationException("the function that makes it returned null");

    private static IServiceCollection AddPolicy(this IServiceCollection services, string name, Func<SectionReader, LoadBalancingPolicy?> read)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (PolicyCatalog.IsBuiltIn(name))
        {
            throw new ArgumentException($"'{name}' is a policy of the library; choose another name.", nameof(name));
        }

        if (services.Any(service => service.ImplementationInstance is PolicyRegistration other && string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"A policy '{name}' is registered already; names must be unique.", nameof(name));
        }

        return services.AddSingleton(new PolicyRegistration(name, read));
    }
}
