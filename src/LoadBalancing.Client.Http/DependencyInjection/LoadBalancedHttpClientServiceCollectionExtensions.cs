using System.Diagnostics.CodeAnalysis;
using LoadBalancing.Client;
using LoadBalancing.Client.Http.DependencyInjection;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers load-balanced clients.</summary>
public static class LoadBalancedHttpClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers a client whose requests to <c>http://name/…</c>, its base address, are spread over the backends of the service. So <c>client.GetAsync("/items")</c> works with nothing else set.
    /// </summary>
    /// <remarks>
    /// <para>Its primary handler is a <see cref="SocketsHttpHandler"/> with a connect timeout of 2 s, a connection lifetime of 5 min, several HTTP/2 connections per backend, and without cookies, proxy and
    /// redirects; handlers live for ever. All of it can be configured further on what is returned, for example with <c>UseSocketsHttpHandler</c>. See <see cref="LoadBalancingHandler"/> for what is sent
    /// and what counts as a failure.</para>
    /// <para>This overload leaves it to others (<c>AddLoadBalancer</c>, or a further call with a callback or a section) to describe the balancer. If nobody does, the host does not start;
    /// without a host, the first request throws an <see cref="InvalidOperationException"/>. Registering a name again configures the same client and the same balancer further, in order.</para>
    /// </remarks>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        BalancedClientDefaults.ThrowIfNoHost(name);
        return BalancedClientDefaults.Apply(services.AddHttpClient(name), name);
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient(this IServiceCollection services, string name, Action<BalancerBuilder> configure)
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient(this IServiceCollection services, string name, Action<IServiceProvider, BalancerBuilder> configure)
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, with a balancer as its configuration section describes it, now and after every change.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient(this IServiceCollection services, string name, IConfigurationSection section)
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient(name);
        services.AddLoadBalancer(name, section);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, whose constructor gets it.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TClient>(
        this IServiceCollection services, string name)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(services);
        BalancedClientDefaults.ThrowIfNoHost(name);
        return BalancedClientDefaults.Apply(services.AddHttpClient<TClient>(name), name);
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, whose constructor gets it, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TClient>(
        this IServiceCollection services, string name, Action<BalancerBuilder> configure)
        where TClient : class
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient>(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, whose constructor gets it, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TClient>(
        this IServiceCollection services, string name, Action<IServiceProvider, BalancerBuilder> configure)
        where TClient : class
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient>(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, whose constructor gets it, with a balancer as its configuration section describes it, now and after every change.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TClient>(
        this IServiceCollection services, string name, IConfigurationSection section)
        where TClient : class
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient>(name);
        services.AddLoadBalancer(name, section);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, implemented by <typeparamref name="TImplementation"/>, whose constructor gets it.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <typeparam name="TImplementation">The class of the typed client.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<TClient, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services, string name)
        where TClient : class
        where TImplementation : class, TClient
    {
        ArgumentNullException.ThrowIfNull(services);
        BalancedClientDefaults.ThrowIfNoHost(name);
        return BalancedClientDefaults.Apply(services.AddHttpClient<TClient, TImplementation>(name), name);
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, implemented by <typeparamref name="TImplementation"/>, whose constructor gets it, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <typeparam name="TImplementation">The class of the typed client.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<TClient, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services, string name, Action<BalancerBuilder> configure)
        where TClient : class
        where TImplementation : class, TClient
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient, TImplementation>(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, implemented by <typeparamref name="TImplementation"/>, whose constructor gets it, and describes the balancer, as <c>AddLoadBalancer</c> does.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <typeparam name="TImplementation">The class of the typed client.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="configure">Describes the balancer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<TClient, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services, string name, Action<IServiceProvider, BalancerBuilder> configure)
        where TClient : class
        where TImplementation : class, TClient
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient, TImplementation>(name);
        services.AddLoadBalancer(name, configure);
        return builder;
    }

    /// <summary>Registers a load-balanced client, as <see cref="AddLoadBalancedHttpClient(IServiceCollection, string)"/> does, and <typeparamref name="TClient"/>, implemented by <typeparamref name="TImplementation"/>, whose constructor gets it, with a balancer as its configuration section describes it, now and after every change.</summary>
    /// <typeparam name="TClient">The typed client: resolved from the container, made with an <see cref="HttpClient"/>.</typeparam>
    /// <typeparam name="TImplementation">The class of the typed client.</typeparam>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the service and of the client: a host name.</param>
    /// <param name="section">The balancer's own section, for example <c>configuration.GetSection("LoadBalancing:orders")</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no host name.</exception>
    public static IHttpClientBuilder AddLoadBalancedHttpClient<TClient, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services, string name, IConfigurationSection section)
        where TClient : class
        where TImplementation : class, TClient
    {
        IHttpClientBuilder builder = services.AddLoadBalancedHttpClient<TClient, TImplementation>(name);
        services.AddLoadBalancer(name, section);
        return builder;
    }
}
