using System.Globalization;
using LoadBalancing.Client.Balancing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoadBalancing.Client.DependencyInjection.HealthChecks;

/// <summary>Reports the service level of one balancer. Asks nobody: it tells what the balancer knows already.</summary>
internal sealed class BalancerHealthCheck(Balancer balancer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Snapshot snapshot = balancer.Snapshot;
        ServiceLevel level = balancer.ServiceLevel;
        bool isAnswered = balancer.IsAnswered;
        HealthStatus status = level switch
        {
            ServiceLevel.None => context.Registration.FailureStatus,
            ServiceLevel.Full when isAnswered => HealthStatus.Healthy,
            _ => HealthStatus.Degraded,
        };
        int eligible = snapshot.Tiers.Sum(tier => tier.EligibleCount);
        int usable = snapshot.Tiers.Sum(tier => tier.UsableCount);
        string description = isAnswered
            ? string.Create(CultureInfo.InvariantCulture, $"{balancer.Name}: {level}; {eligible} of {usable} backends are eligible.")
            : $"{balancer.Name}: discovery has not answered yet.";
        Dictionary<string, object> data = new(StringComparer.Ordinal)
        {
            ["level"] = level.ToString(),
            ["eligibleShare"] = snapshot.EligibleShare,
            ["eligible"] = eligible,
            ["usable"] = usable,
            ["listed"] = snapshot.Backends.Count,
            ["panics"] = snapshot.Tiers.Any(tier => tier.FailsOpen),
        };
        return Task.FromResult(new HealthCheckResult(status, description, exception: null, data));
    }
}
