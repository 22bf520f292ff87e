using LoadBalancing.Client;
using LoadBalancing.Client.Http.HashKeys;
using LoadBalancing.Client.Http.Routing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What balancing over HTTP adds to <see cref="BalancerBuilder"/>.</summary>
public static class HttpBalancerBuilderExtensions
{
    /// <summary>Limits how long one attempt may take, to the response headers. See <see cref="HttpBalancingOptions.AttemptTimeout"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="timeout">Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Without this call it is 10 seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is none of that.</exception>
    public static BalancerBuilder UseAttemptTimeout(this BalancerBuilder builder, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureTimeout("AttemptTimeout", timeout, static (options, value) => options.AttemptTimeout = value);
    }

    /// <summary>Limits how long a request may take in all, retries and waiting included, to the response headers. See <see cref="HttpBalancingOptions.RequestTimeout"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="timeout">Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit, which it is without this call.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is none of that.</exception>
    public static BalancerBuilder UseRequestTimeout(this BalancerBuilder builder, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureTimeout("RequestTimeout", timeout, static (options, value) => options.RequestTimeout = value);
    }

    /// <summary>Limits how long the primary handler of <c>AddLoadBalancedHttpClient</c> may take to make a connection. See <see cref="HttpBalancingOptions.ConnectTimeout"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="timeout">Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Without this call it is 2 seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is none of that.</exception>
    public static BalancerBuilder UseConnectTimeout(this BalancerBuilder builder, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureTimeout("ConnectTimeout", timeout, static (options, value) => options.ConnectTimeout = value);
    }

    /// <summary>Changes what is sent again after a failure; retries are on by default. <c>retry => retry.Enabled = false</c> turns them off. See <see cref="RetryOptions"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="configure">Changes the options.</param>
    public static BalancerBuilder UseRetries(this BalancerBuilder builder, Action<RetryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.Configure(options => configure(options.GetFeature<HttpBalancingOptions>().Retry));
    }

    /// <summary>
    /// Turns hedging on: a request that takes long, and may be sent twice, is sent to a second backend as well; the first good answer counts. Needs at least two backends, and room on them: it adds about 5 % of load by its defaults,
    /// never more than the budget of retries. See <see cref="HedgingOptions"/>.
    /// </summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="configure">Changes when; <see langword="null"/> leaves the defaults.</param>
    public static BalancerBuilder UseHedging(this BalancerBuilder builder, Action<HedgingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Configure(options =>
        {
            HedgingOptions hedging = options.GetFeature<HttpBalancingOptions>().Hedging;
            hedging.Enabled = true;
            configure?.Invoke(hedging);
        });
    }

    /// <summary>Says how requests wait while every backend that could take them is at its <see cref="Backend.MaxConcurrency"/>. See <see cref="HttpBalancingOptions.MaxQueue"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="maxQueue">How many may wait: 0 (nobody) or more. Without this call it is 100.</param>
    /// <param name="timeout">How long each waits: above 0, at most one day. <see langword="null"/> leaves what other steps say, or 1 second.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxQueue"/> or <paramref name="timeout"/> is none of that.</exception>
    public static BalancerBuilder UseQueue(this BalancerBuilder builder, int maxQueue, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (maxQueue < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(maxQueue), maxQueue, $"Service '{builder.Name}': {HttpBalancingOptions.DescribeMaxQueue(maxQueue)}");
        }

        if (timeout is { } value && !HttpBalancingOptions.IsQueueTimeout(value))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"Service '{builder.Name}': {HttpBalancingOptions.DescribeQueueTimeout(value)}");
        }

        return builder.Configure(options =>
        {
            HttpBalancingOptions http = options.GetFeature<HttpBalancingOptions>();
            http.MaxQueue = maxQueue;
            http.QueueTimeout = timeout ?? http.QueueTimeout;
        });
    }

    /// <summary>Balances requests to further authorities too. See <see cref="HttpBalancingOptions.Authorities"/>.</summary>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="authorities">Each a <c>host</c> or <c>host:port</c>.</param>
    /// <exception cref="ArgumentException">An authority is neither.</exception>
    public static BalancerBuilder BalanceAuthorities(this BalancerBuilder builder, params string[] authorities)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(authorities);
        string[] copy = [.. authorities];
        foreach (string authority in copy)
        {
            _ = Authority.Parse(authority);
        }

        return builder.Configure(options =>
        {
            foreach (string authority in copy)
            {
                options.GetFeature<HttpBalancingOptions>().Authorities.Add(authority);
            }
        });
    }

    /// <summary>
    /// Says where the key of a request is, for policies that choose by hash (<c>ring_hash</c>, <c>maglev</c>, <c>rendezvous</c>): <c>HashOn(key => key.Header("X-User").Cookie("sid"))</c>.
    /// The first place that has a value wins. Further calls, and the section's <c>HashOn</c>, add places, in the order of the steps.
    /// </summary>
    /// <remarks>A request whose own options have a hash or a hash key (<c>SetHash</c>, <c>SetHashKey</c>) is not looked at. One without any key is picked at random by hash policies.</remarks>
    /// <param name="builder">The balancer's description.</param>
    /// <param name="configure">Names the places, at least one. Called once, now.</param>
    /// <exception cref="ArgumentException"><paramref name="configure"/> names no place, or one with a name that cannot be.</exception>
    public static BalancerBuilder HashOn(this BalancerBuilder builder, Action<HashKeyBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        HashKeyBuilder keys = new();
        configure(keys);
        if (keys.Sources.Count == 0)
        {
            throw new ArgumentException($"Service '{builder.Name}': HashOn must name at least one of Header, Cookie, Query, PathSegment, ClientAddress and Custom.", nameof(configure));
        }

        HashKeySource[] copy = [.. keys.Sources];
        return builder.Configure(options => Array.ForEach(copy, source => options.GetFeature<HttpBalancingOptions>().HashOn.Add(source)));
    }

    private static BalancerBuilder ConfigureTimeout(this BalancerBuilder builder, string name, TimeSpan timeout, Action<HttpBalancingOptions, TimeSpan> set)
    {
        if (!HttpBalancingOptions.IsTimeout(timeout))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"Service '{builder.Name}': {HttpBalancingOptions.DescribeTimeouts(name, timeout)}");
        }

        return builder.Configure(options => set(options.GetFeature<HttpBalancingOptions>(), timeout));
    }
}
