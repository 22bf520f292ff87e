using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.DependencyInjection;

/// <summary>The balancers of a container: which names there are, and how each is built.</summary>
internal sealed class BalancerRegistry
{
    private readonly IServiceProvider _services;
    private readonly ILookup<string, BalancerRegistration> _registrations;

    public BalancerRegistry(IServiceProvider services, IEnumerable<BalancerRegistration> registrations)
    {
        _services = services;
        _registrations = registrations.ToLookup(registration => registration.Name, StringComparer.Ordinal);
        Names = [.. _registrations.Select(group => group.Key)];
        if (Names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } same)
        {
            throw new InvalidOperationException($"Balancers {string.Join(" and ", same.Select(name => $"'{name}'"))} differ only by case, which no host name tells apart: use one name.");
        }
    }

    /// <summary>Every registered name, in the order of registration.</summary>
    public IReadOnlyList<string> Names { get; }

    public Balancer Build(string name)
    {
        BalancerBuilder builder = new(name) { Services = _services };
        if (_services.GetService<ILoggerFactory>() is { } loggers)
        {
            builder.UseLoggerFactory(loggers);
        }

        if (_services.GetService<IMeterFactory>() is { } meters)
        {
            builder.UseMeterFactory(meters);
        }

        if (_services.GetService<TimeProvider>() is { } timeProvider)
        {
            builder.UseTimeProvider(timeProvider);
        }

        foreach (BalancerRegistration registration in _registrations[name])
        {
            registration.Configure(_services, builder);
        }

        return builder.Build();
    }
}
