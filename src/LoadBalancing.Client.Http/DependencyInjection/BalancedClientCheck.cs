using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>Stops the host when a client is balanced over a service that nobody has described, rather than to fail its first request.</summary>
internal sealed class BalancedClientCheck(IServiceProvider services, IEnumerable<BalancedClient> clients) : IHostedService
{
    public static InvalidOperationException CreateMissing(string? clientName, string serviceName) => new(
        $"{(clientName is null ? "All clients are" : $"Client '{clientName}' is")} balanced over the service '{serviceName}', but no balancer has this name. Describe it: "
        + $"services.AddLoadBalancer(\"{serviceName}\", …), or give AddLoadBalancedHttpClient or AddLoadBalancing a section or a callback.");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Asks whether they are registered, and builds none: the engine's own start does that.
        if (services.GetService<IServiceProviderIsKeyedService>() is { } registered)
        {
            foreach (BalancedClient client in clients)
            {
                if (!registered.IsKeyedService(typeof(Balancer), client.ServiceName))
                {
                    throw CreateMissing(client.ClientName, client.ServiceName);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
