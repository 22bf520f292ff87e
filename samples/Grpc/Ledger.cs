using System.Collections.Concurrent;

namespace GrpcSample;

/// <summary>What the callers have seen: who answered, who serves their streams, and what was lost. Thread safe.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private int _lost;
    private int _rescued;
    private int _broken;

    public Account this[string server] => _accounts.GetOrAdd(server, static _ => new Account());

    /// <summary>Calls that were answered in this phase.</summary>
    public int Calls => _accounts.Values.Sum(account => account.Calls);

    public int OpenStreams => _accounts.Values.Sum(account => account.OpenStreams);

    /// <summary>Calls and openings of streams that failed for good, since the beginning.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Calls that needed another attempt, since the beginning.</summary>
    public int Rescued => Volatile.Read(ref _rescued);

    /// <summary>Streams that broke off and were opened again, since the beginning.</summary>
    public int Broken => Volatile.Read(ref _broken);

    public void Answered(Order order)
    {
        Interlocked.Increment(ref this[order.Server].Calls);
        if (order.PreviousAttempts > 0)
        {
            Interlocked.Increment(ref _rescued);
        }
    }

    public void Opened(string server) => Interlocked.Increment(ref this[server].OpenStreams);

    public void Closed(string server) => Interlocked.Decrement(ref this[server].OpenStreams);

    public void BrokeOff() => Interlocked.Increment(ref _broken);

    public void WasLost() => Interlocked.Increment(ref _lost);

    /// <summary>Counts calls anew; streams are still open.</summary>
    public void BeginPhase()
    {
        foreach (Account account in _accounts.Values)
        {
            Volatile.Write(ref account.Calls, 0);
        }
    }

    /// <summary>What one server does.</summary>
    internal sealed class Account
    {
        public int Calls;
        public int OpenStreams;
    }
}
