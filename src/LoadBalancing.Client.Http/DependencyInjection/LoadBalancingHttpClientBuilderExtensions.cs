using LoadBalancing.Client;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Http.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds load balancing to clients that are registered already.</summary>
public static class LoadBalancingHttpClientBuilderExtensions
{
    /// <summary>
    /// Balances the client's requests to the service <paramref name="name"/>: those to <c>http://name/</c> and those to the client's own base address, unless that is another service's.
    /// The client keeps its base address, its primary handler and its other handlers; balancing takes its place among them in the order of registration. May be called for several services.
    /// With <c>ConfigureHttpClientDefaults</c>, only the requests to <c>http://name/</c> are balanced, of every client.
    /// </summary>
    /// <remarks>
    /// The service's balancer is described elsewhere, by <c>AddLoadBalancer</c> or another call of this package with a callback or a section. If it is not, the host does not start; without a host,
    /// the first request throws an <see cref="InvalidOperationException"/>. A base address that is set by a typed client's constructor, and not by configuring the client, is not seen:
    /// see <see cref="HttpBalancingOptions.Authorities"/>.
    /// </remarks>
    /// <param name="builder">The client.</param>
    /// <param name="name">The service's name.</param>
    public static IHttpClientBuilder AddLoadBalancing(this IHttpClientBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(builder, name, hasDefaults: false);
    }

    /// <summary>As <see cref="AddLoadBalancing(IHttpClientBuilder, string)"/>, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="configure">Describes the balancer.</param>
    public static IHttpClientBuilder AddLoadBalancing(this IHttpClientBuilder builder, string name, Action<BalancerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLoadBalancer(name, configure);
        return Add(builder, name, hasDefaults: false);
    }

    /// <inheritdoc cref="AddLoadBalancing(IHttpClientBuilder, string, Action{BalancerBuilder})"/>
    public static IHttpClientBuilder AddLoadBalancing(this IHttpClientBuilder builder, string name, Action<IServiceProvider, BalancerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLoadBalancer(name, configure);
        return Add(builder, name, hasDefaults: false);
    }

    /// <summary>As <see cref="AddLoadBalancing(IHttpClientBuilder, string)"/>, with a balancer as its configuration section describes it, now and after every change.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>.</param>
    public static IHttpClientBuilder AddLoadBalancing(this IHttpClientBuilder builder, string name, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLoadBalancer(name, section);
        return Add(builder, name, hasDefaults: false);
    }

    internal static IHttpClientBuilder Add(IHttpClientBuilder builder, string name, bool hasDefaults)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(new BalancedClient(builder.Name, name, hasDefaults));
        services.TryAddSingleton<BaseAddresses>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BalancedClientCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBalancerSectionReader, HttpSectionReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, GrpcChannelFilter>());
        string? clientName = builder.Name;
        return builder.ConfigureAdditionalHttpMessageHandlers((handlers, provider) => Insert(handlers, CreateHandler(provider, clientName, name)));
    }

    private static LoadBalancingHandler CreateHandler(IServiceProvider provider, string? clientName, string serviceName)
    {
        Balancer balancer = provider.GetKeyedService<Balancer>(serviceName) ?? throw BalancedClientCheck.CreateMissing(clientName, serviceName);
        Uri? baseAddress = clientName is null ? null : provider.GetRequiredService<BaseAddresses>().Find(clientName, serviceName);
        return new LoadBalancingHandler(balancer, baseAddress);
    }

    /// <summary>A service that was added to the client twice, or to all clients and to this one, is balanced once: by the handler that knows more, in the place of the first.</summary>
    private static void Insert(IList<DelegatingHandler> handlers, LoadBalancingHandler handler)
    {
        for (int i = 0; i < handlers.Count; i++)
        {
            if (handlers[i] is LoadBalancingHandler other && string.Equals(other.ServiceName, handler.ServiceName, StringComparison.Ordinal))
            {
                handlers[i] = handler;
                return;
            }
        }

        handlers.Add(handler);
    }
}
