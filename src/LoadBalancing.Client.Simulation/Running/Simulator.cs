using System.Runtime.ExceptionServices;
using LoadBalancing.Client.Simulation.Running;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation;

/// <summary>
/// Plays scenarios on a virtual clock, with the balancer that applications use. One thread per run, and nothing but the scenario and its seed decides what happens: the same run gives the same result to the last digit. Thread safe.
/// </summary>
public static class Simulator
{
    private const int StackBytes = 16 * 1024 * 1024;

    /// <summary>Plays a scenario with one policy.</summary>
    /// <param name="scenario">What to play.</param>
    /// <param name="policy">
    /// The policy, by its name in configuration, with options if need be: <c>least_request</c>, <c>least_request:FullScan=true</c>. Without options it has those of the scenario, where that names the same policy.
    /// The default, <see langword="null"/>, is the scenario's own policy.
    /// </param>
    /// <exception cref="ScenarioException">There is no such policy, it does not have these options, or it cannot work with these backends.</exception>
    public static RunResult Run(Scenario scenario, string? policy = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        PolicyChoice choice = PolicyChoice.Parse(policy ?? scenario.Plan.Balancer.Policy);
        return OnThreadOfItsOwn(() => Run(scenario.Plan, choice, trace: null));
    }

    /// <summary>The same, with somebody who hears of the work on every attempt.</summary>
    internal static RunResult Run(ScenarioPlan scenario, PolicyChoice policy, IWorkTrace? trace)
    {
        using SimulationRun run = new(scenario, policy, trace);
        return run.Play();
    }

    /// <summary>
    /// What is awaited goes on at once where it was completed, but not on a thread that has a synchronization context or a task scheduler: then it goes to the thread pool, and comes back when it likes. A thread of our own has neither.
    /// </summary>
    internal static T OnThreadOfItsOwn<T>(Func<T> run)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(Guarded, StackBytes);
        thread.UnsafeStart();
        thread.Join();
        failure?.Throw();
        return result;

        void Guarded()
        {
            try
            {
                result = run();
            }
#pragma warning disable CA1031 // It is thrown again, on the thread that waits for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }
    }
}
