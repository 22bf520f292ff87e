using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client;

/// <summary>
/// The addresses (A and AAAA records) that DNS has for a host. Looks them up every <see cref="DnsOptions.RefreshInterval"/>, and soon after a failed connect, though not within
/// 5 seconds of the last lookup; yields a list when it has changed. A name that does not exist, or has no address of the family, is a failure: the backends stay as they were.
/// Thread safe; serves one balancer.
/// </summary>
/// <remarks>
/// The system's resolver is asked, so its files, search domains and caches count; it does not tell how long a record is valid.
/// The clock is the constructor's; <see cref="BalancerBuilder.UseDns(DnsOptions)"/> and configuration pass on the balancer's own.
/// </remarks>
public sealed class DnsBackendSource : IBackendSource
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    private readonly DnsOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly DnsLookup _lookup;

    // Both outlive one watch: the pause between lookups holds also when a watch fails and is started again.
    private TaskCompletionSource _refreshRequest = NewRequest();
    private long? _lastLookup;

    /// <summary>A source that looks up what <paramref name="options"/> say.</summary>
    /// <param name="options">Which host, and what becomes of its addresses.</param>
    /// <param name="timeProvider">The clock for intervals and pauses. The default is <see cref="TimeProvider.System"/>.</param>
    public DnsBackendSource(DnsOptions options, TimeProvider? timeProvider = null)
        : this(options, timeProvider, Dns.GetHostAddressesAsync)
    {
    }

    internal DnsBackendSource(DnsOptions options, TimeProvider? timeProvider, DnsLookup lookup)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _lookup = lookup;
    }

    /// <summary>Asks the resolver: all addresses of a host that are of a family. As <see cref="Dns.GetHostAddressesAsync(string, AddressFamily, CancellationToken)"/> does.</summary>
    internal delegate Task<IPAddress[]> DnsLookup(string host, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>The shortest time from a lookup to the next.</summary>
    private TimeSpan Pause => _options.RefreshInterval < ShortestPause ? _options.RefreshInterval : ShortestPause;

    /// <inheritdoc/>
    /// <exception cref="SocketException">The lookup failed, or found no address of the family.</exception>
    public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WaitUntilAsync(Pause, cancellationToken).ConfigureAwait(false);
        IPAddress[]? known = null;
        while (true)
        {
            IPAddress[] addresses = await LookUpAsync(cancellationToken).ConfigureAwait(false);
            if (known is null || !addresses.AsSpan().SequenceEqual(known))
            {
                known = addresses;
                yield return Array.ConvertAll(addresses, ToBackend);
            }

            await WaitForRefreshAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has the host looked up again at once, or, within 5 seconds of the last lookup, when these are over.</summary>
    public void RequestRefresh() => Volatile.Read(ref _refreshRequest).TrySetResult();

    /// <summary>For log messages: <c>DNS orders.prod.svc:8080</c>.</summary>
    public override string ToString() => $"DNS {_options.Host}:{_options.Port}";

    private static TaskCompletionSource NewRequest() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>IPv4 first, then by value: the same addresses are the same list, whatever the order of the answer.</summary>
    private static int Compare(IPAddress left, IPAddress right)
    {
        byte[] leftBytes = left.GetAddressBytes();
        byte[] rightBytes = right.GetAddressBytes();
        return leftBytes.Length != rightBytes.Length ? leftBytes.Length.CompareTo(rightBytes.Length) : leftBytes.AsSpan().SequenceCompareTo(rightBytes);
    }

    private async Task<IPAddress[]> LookUpAsync(CancellationToken cancellationToken)
    {
        // Requests up to here are served by this lookup; a later one may know of something that it does not see.
        Volatile.Write(ref _refreshRequest, NewRequest());
        IPAddress[] addresses;
        try
        {
            addresses = await _lookup(_options.Host, _options.AddressFamily, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _lastLookup = _timeProvider.GetTimestamp();
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.NoData, $"'{_options.Host}' has no address of the family {_options.AddressFamily}.");
        }

        addresses = [.. addresses.Distinct()];
        Array.Sort(addresses, Compare);
        return addresses;
    }

    private async Task WaitForRefreshAsync(CancellationToken cancellationToken)
    {
        Task request = Volatile.Read(ref _refreshRequest).Task;
        if (Remaining(_options.RefreshInterval) is { Ticks: > 0 } remaining)
        {
            // Ends with the request, with the time or with the token. The latter two throw; neither is worth an exception here.
            await request.WaitAsync(remaining, _timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await WaitUntilAsync(Pause, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the last lookup, if there was one, is as long ago as that.</summary>
    private Task WaitUntilAsync(TimeSpan sinceLastLookup, CancellationToken cancellationToken) =>
        Remaining(sinceLastLookup) is { Ticks: > 0 } remaining ? Task.Delay(remaining, _timeProvider, cancellationToken) : Task.CompletedTask;

    private TimeSpan Remaining(TimeSpan sinceLastLookup) =>
        _lastLookup is { } last ? sinceLastLookup - _timeProvider.GetElapsedTime(last) : TimeSpan.Zero;

    private Backend ToBackend(IPAddress address)
    {
        string host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return new Backend($"{_options.Scheme}://{host}:{_options.Port}") { HostName = IPAddress.TryParse(_options.Host, out _) ? null : _options.Host.TrimEnd('.') };
    }
}
