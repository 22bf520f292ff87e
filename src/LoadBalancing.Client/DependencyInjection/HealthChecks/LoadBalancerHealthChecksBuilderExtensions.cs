using LoadBalancing.Client;
using LoadBalancing.Client.DependencyInjection;
using LoadBalancing.Client.DependencyInjection.HealthChecks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Reports balancers to the health checks of the application.</summary>
public static class LoadBalancerHealthChecksBuilderExtensions
{
    internal const string NamePrefix = "load-balancer:";

    /// <summary>
    /// Adds a health check for each balancer of the container, whether it is registered before this call or after it. The check of service <c>orders</c> is called <c>load-balancer:orders</c>.
    /// <see cref="ServiceLevel.Full"/> is healthy, <see cref="ServiceLevel.Reduced"/> and <see cref="ServiceLevel.Critical"/> are degraded, and so is a balancer whose discovery has not answered yet;
    /// <see cref="ServiceLevel.None"/> is <paramref name="failureStatus"/>. The checks send nothing: they tell what the balancers know. Level, share and counts are in the data of the result.
    /// </summary>
    /// <remarks>
    /// Think before a liveness probe looks at these: that a service cannot reach another one is not mended by a restart. Called more than once, the first call counts.
    /// </remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="failureStatus">What to report for a service of which nothing can be used. The default value, <see langword="null"/>, means <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to choose the checks by, for example <c>ready</c>. The default value is none.</param>
    /// <param name="timeout">Passed on to the registrations; the checks themselves never wait. The default value is none.</param>
    public static IHealthChecksBuilder AddLoadBalancerHealthChecks(
        this IHealthChecksBuilder builder, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string[]? copy = tags is null ? null : [.. tags];
        builder.Services.TryAddSingleton<BalancerRegistry>();
        builder.Services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>>(services =>
            new BalancerHealthCheckRegistrations(services.GetRequiredService<BalancerRegistry>(), failureStatus, copy, timeout));
        return builder;
    }
}
