using LoadBalancing.Client;
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
        if (!HttpBalancingOptions.IsTimeout(timeout))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"Service '{builder.Name}': {HttpBalancingOptions.DescribeTimeouts(timeout)}");
        }

        return builder.Configure(options => options.GetFeature<HttpBalancingOptions>().AttemptTimeout = timeout);
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
}
