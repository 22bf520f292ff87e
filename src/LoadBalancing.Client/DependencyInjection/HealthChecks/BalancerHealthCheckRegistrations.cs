using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.DependencyInjection.HealthChecks;

/// <summary>Registers a check for each balancer of the container. As late as this, so that it does not matter what was registered first.</summary>
internal sealed class BalancerHealthCheckRegistrations(BalancerRegistry balancers, HealthStatus? failureStatus, IEnumerable<string>? tags, TimeSpan? timeout)
    : IConfigureOptions<HealthCheckServiceOptions>
{
    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (string service in balancers.Names)
        {
            string name = $"{LoadBalancerHealthChecksBuilderExtensions.NamePrefix}{service}";

            // Two checks of one name are refused; called twice, the first call counts.
            if (options.Registrations.All(registration => !string.Equals(registration.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                options.Registrations.Add(new HealthCheckRegistration(
                    name, services => new BalancerHealthCheck(services.GetRequiredKeyedService<Balancer>(service)), failureStatus, tags, timeout));
            }
        }
    }
}
