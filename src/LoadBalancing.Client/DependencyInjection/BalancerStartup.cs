using LoadBalancing.Client.Balancing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.DependencyInjection;

/// <summary>Builds every balancer when the host starts, so that bad options stop the host and not the first request, and starts discovery.</summary>
internal sealed class BalancerStartup(IServiceProvider services, BalancerRegistry registry) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        List<OptionsValidationException> failures = [];
        foreach (string name in registry.Names)
        {
            try
            {
                services.GetRequiredKeyedService<Balancer>(name).Start();
            }
            catch (OptionsValidationException failure)
            {
                failures.Add(failure);
            }
        }

        // The problems of all balancers at once: nobody likes to start again for each.
        return failures switch
        {
            [] => Task.CompletedTask,
            [var failure] => Task.FromException(failure),
            _ => Task.FromException(new InvalidBalancerException(
                string.Join(", ", failures.Select(failure => failure.OptionsName)), failures.SelectMany(failure => failure.Failures))),
        };
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
