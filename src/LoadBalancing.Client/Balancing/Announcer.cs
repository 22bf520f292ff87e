using System.Collections.Concurrent;
using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Says what has changed: one log line, one count and one event each, in the order of the changes. What is to be said may come from under a lock and is kept until no lock is held, so that a slow log or
/// a handler that calls back cannot hold up the balancer.
/// </summary>
internal sealed class Announcer(BalancerEnvironment environment, BalancerInstruments instruments, Balancer balancer)
{
    private const Unavailability FoundOut = Unavailability.Ejected | Unavailability.ProbeFailed;

    private readonly ConcurrentQueue<Action> _waiting = new();
    private readonly ConcurrentQueue<Action> _events = new();
    private int _isSpeaking;
    private int _isRaising;

    public void OnFlagChanged(BackendState backend, Unavailability flag, bool isSet, Verdict? verdict)
    {
        AvailabilityChangedEventArgs change = new(backend, flag, isSet, verdict?.Cause, backend.Unavailability);
        Add(() => Say(change, verdict));
    }

    public void OnCircuitChanged(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration)
    {
        CircuitChangedEventArgs change = new(backend, from, to, cause, duration);
        Add(() => Say(change));
    }

    public void OnEjectionRefused(BackendState backend, string kind, string cause) => Add(() =>
    {
        instruments.CountRefusedEjection(backend, kind);
        Log.EjectionRefused(environment.Logger, environment.Name, backend.Id, cause);
    });

    public void OnServiceLevelChanged(ServiceLevel from, ServiceLevel to, double eligibleShare)
    {
        ServiceLevelChangedEventArgs change = new(from, to, eligibleShare);
        Add(() => Say(change));
    }

    public void OnPanicChanged(TierView tier) => Add(() => Say(tier));

    /// <summary>Keeps something to be said at the next <see cref="Speak"/>.</summary>
    public void Add(Action announcement) => _waiting.Enqueue(announcement);

    /// <summary>Says all that waits, unless another thread is at it, which then says this too: first to logs and metrics, then, so that no handler holds these up, to the application. Called without locks.</summary>
    public void Speak()
    {
        Drain(_waiting, ref _isSpeaking);
        Drain(_events, ref _isRaising);
    }

    private void Drain(ConcurrentQueue<Action> queue, ref int isAtWork)
    {
        while (!queue.IsEmpty && Interlocked.Exchange(ref isAtWork, 1) == 0)
        {
            try
            {
                while (queue.TryDequeue(out Action? announcement))
                {
                    SayGuarded(announcement);
                }
            }
            finally
            {
                // A full fence: what another thread adds and leaves to us is seen by the check above.
                Interlocked.Exchange(ref isAtWork, 0);
            }
        }
    }

    private void SayGuarded(Action announcement)
    {
        try
        {
            announcement();
        }
#pragma warning disable CA1031 // What listens must not be able to fail the request, or the timer, that brought the news.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CodeFailed(environment.Logger, exception, environment.Name, "A metrics listener or log");
        }
    }

    private void Say(AvailabilityChangedEventArgs change, Verdict? verdict)
    {
        if (change is { Flag: Unavailability.Ejected, IsSet: true })
        {
            instruments.CountEjection(change.Backend, verdict?.Kind);
        }

        // The circuit has a line of its own, which says more.
        if (change.Flag != Unavailability.CircuitOpen && environment.Logger.IsEnabled(LogLevel.Information))
        {
            string availability = AvailabilityText.Of(change.Unavailability);
            string happened = $"{(change.IsSet ? "set" : "cleared")} {AvailabilityText.Of(change.Flag)}{(change.Cause is null ? "" : $" ({change.Cause})")}";
            if (change.IsSet && (change.Flag & FoundOut) != 0)
            {
                Log.BackendFoundFailing(environment.Logger, environment.Name, change.Backend.Id, happened, availability);
            }
            else
            {
                Log.AvailabilityChanged(environment.Logger, environment.Name, change.Backend.Id, happened, availability);
            }
        }

        _events.Enqueue(() => balancer.OnAvailabilityChanged(change));
    }

    private void Say(CircuitChangedEventArgs change)
    {
        instruments.CountCircuitTransition(change.Backend, change.To);
        string from = AvailabilityText.Of(change.From);
        if (change.Break is { } duration)
        {
            Log.CircuitOpened(environment.Logger, environment.Name, change.Backend.Id, from, change.Cause, duration);
        }
        else
        {
            string to = AvailabilityText.Of(change.To);
            Log.CircuitChanged(environment.Logger, environment.Name, change.Backend.Id, from, to, change.Cause);
        }

        _events.Enqueue(() => balancer.OnCircuitChanged(change));
    }

    private void Say(ServiceLevelChangedEventArgs change)
    {
        if (environment.Logger.IsEnabled(LogLevel.Information))
        {
            string from = change.From.ToString();
            string to = change.To.ToString();
            string share = change.EligibleShare.ToString("0.# %", CultureInfo.InvariantCulture);
            if (change.To < change.From)
            {
                Log.ServiceLevelFell(environment.Logger, environment.Name, from, to, share);
            }
            else
            {
                Log.ServiceLevelRose(environment.Logger, environment.Name, from, to, share);
            }
        }

        _events.Enqueue(() => balancer.OnServiceLevelChanged(change));
    }

    private void Say(TierView tier)
    {
        if (tier.FailsOpen)
        {
            instruments.CountPanic(tier.Priority);
            Log.PanicBegan(environment.Logger, environment.Name, tier.Priority, tier.EligibleCount, tier.UsableCount);
        }
        else
        {
            Log.PanicEnded(environment.Logger, environment.Name, tier.Priority, tier.EligibleCount, tier.UsableCount);
        }
    }
}
