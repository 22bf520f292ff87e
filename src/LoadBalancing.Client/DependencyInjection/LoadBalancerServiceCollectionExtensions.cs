using LoadBalancing.Client;
using LoadBalancing.Client.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers load balancers.</summary>
public static class LoadBalancerServiceCollectionExtensions
{
    /// <summary>
    /// Registers the balancer of a service, to be resolved as a keyed <see cref="Balancer"/>. Registering a name again configures the same balancer further, in order.
    /// Its options are checked, and discovery starts, when the host starts; without a host, when it is first resolved and first picks.
    /// </summary>
    /// <remarks>
    /// The container's <see cref="TimeProvider"/>, <c>ILoggerFactory</c> and <c>IMeterFactory</c> become those of the balancer where they are registered, unless <paramref name="configure"/> names others
    /// (<see cref="BalancerBuilder.UseTimeProvider"/> and so on). So a clock that was registered for other purposes, a fake one in a test for example, moves the balancer's time too.
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public static IServiceCollection AddLoadBalancer(this IServiceCollection services, string name, Action<BalancerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddLoadBalancer(name, (_, builder) => configure(builder));
    }

    /// <summary>
    /// Registers the balancer of a service as its configuration section describes it, now and after every change; see <see cref="BalancerBuilderConfigurationExtensions.UseConfiguration(BalancerBuilder, IConfigurationSection)"/>.
    /// Resolved, checked and started as with the other overloads, and with the same clock, loggers and meters of the container.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>. It must exist when the balancer is built.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public static IServiceCollection AddLoadBalancer(this IServiceCollection services, string name, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddLoadBalancer(name, builder => builder.UseConfiguration(section));
    }

    /// <inheritdoc cref="AddLoadBalancer(IServiceCollection, string, Action{BalancerBuilder})"/>
    public static IServiceCollection AddLoadBalancer(this IServiceCollection services, string name, Action<IServiceProvider, BalancerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);

        services.AddSingleton(new BalancerRegistration(name, configure));
        services.TryAddSingleton<BalancerRegistry>();
        services.TryAddKeyedSingleton(name, static (provider, key) => provider.GetRequiredService<BalancerRegistry>().Build((string)key!));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BalancerStartup>());
        return services;
    }
}
