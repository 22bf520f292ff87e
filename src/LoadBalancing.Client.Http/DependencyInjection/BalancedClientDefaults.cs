using LoadBalancing.Client.Http.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>What a client of <c>AddLoadBalancedHttpClient</c> gets before the user configures it further.</summary>
internal static class BalancedClientDefaults
{
    private static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <exception cref="ArgumentException">The name is no host, so no URI could have it.</exception>
    public static void ThrowIfNoHost(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Authority.TryParse(name) is not { Port: null })
        {
            throw new ArgumentException(
                $"'{name}' cannot be the name of a load-balanced client: requests go to http://{name}/, so it must be a host name (letters, digits, '-', '_' and '.'), such as orders. "
                + "For another name, use AddHttpClient(…).AddLoadBalancing(…) with a base address of its own.",
                nameof(name));
        }
    }

    /// <summary>Configures the client, unless that was done when its name was registered before.</summary>
    public static IHttpClientBuilder Apply(IHttpClientBuilder builder, string name)
    {
        if (!builder.Services.Any(service => service.ImplementationInstance is BalancedClient { HasDefaults: true } client && client.ClientName == builder.Name))
        {
            Uri baseAddress = new($"http://{name}/");
            builder
                .ConfigureHttpClient(client => client.BaseAddress = baseAddress)
                .UseSocketsHttpHandler((handler, provider) => Configure(handler, provider.GetKeyedService<Balancer>(name)?.Options.FindFeature<HttpBalancingOptions>() ?? new HttpBalancingOptions()))
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        }

        return LoadBalancingHttpClientBuilderExtensions.Add(builder, name, hasDefaults: true);
    }

    private static void Configure(SocketsHttpHandler handler, HttpBalancingOptions options)
    {
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.PooledConnectionLifetime = PooledConnectionLifetime;
        handler.EnableMultipleHttp2Connections = true;

        // A jar is keyed by backend, and would carry one caller's cookies to another.
        handler.UseCookies = false;

        // A proxy would choose the backend again.
        handler.UseProxy = false;

        // A redirect would be followed below the balancer.
        handler.AllowAutoRedirect = false;
    }
}
