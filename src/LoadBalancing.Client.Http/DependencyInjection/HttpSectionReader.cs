using System.Globalization;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Http.HashKeys;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>
/// Reads the keys of balancing over HTTP: <c>AttemptTimeout</c>, <c>RequestTimeout</c>, <c>ConnectTimeout</c>, <c>Retry</c>, <c>Hedging</c>, <c>MaxQueue</c>, <c>QueueTimeout</c>, <c>Authorities</c> and <c>HashOn</c>.
/// </summary>
internal sealed class HttpSectionReader : IBalancerSectionReader
{
    private const string NoTimeout = "none";

    public void Read(SectionReader section, BalancerOptions options)
    {
        ReadTimeout(section, options, "AttemptTimeout", static (http, value) => http.AttemptTimeout = value);
        ReadTimeout(section, options, "RequestTimeout", static (http, value) => http.RequestTimeout = value);
        ReadTimeout(section, options, "ConnectTimeout", static (http, value) => http.ConnectTimeout = value);
        RetrySectionReader.Read(section, options);
        HedgingSectionReader.Read(section, options);
        if (section.ReadInt32("MaxQueue", min: 0) is { } maxQueue)
        {
            options.GetFeature<HttpBalancingOptions>().MaxQueue = maxQueue;
        }

        if (section.ReadTimeSpan("QueueTimeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)) is { } queueTimeout)
        {
            options.GetFeature<HttpBalancingOptions>().QueueTimeout = queueTimeout;
        }

        ReadAuthorities(section, options);
        ReadHashOn(section, options);
    }

    private static void ReadTimeout(SectionReader section, BalancerOptions options, string key, Action<HttpBalancingOptions, TimeSpan> set)
    {
        if (section.ReadValue<TimeSpan>(key, $"must be a time above 0, at most one day, written like \"00:00:10\" (a number alone would mean days), or \"{NoTimeout}\"", TryParseTimeout) is { } timeout)
        {
            set(options.GetFeature<HttpBalancingOptions>(), timeout);
        }
    }

    private static void ReadAuthorities(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("Authorities", "must be a list of authorities") is not { } authorities)
        {
            return;
        }

        foreach (string key in authorities.Keys)
        {
            string? authority = authorities.Read<string>(key, "must be a host or host:port", static (string text, out string? value) => Authority.TryParse(value = text) is not null);
            if (authority is not null)
            {
                options.GetFeature<HttpBalancingOptions>().Authorities.Add(authority);
            }
        }
    }

    private static void ReadHashOn(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("HashOn", "must be a list, such as [ \"header:X-User\", \"cookie:sid\" ]") is not { } keys)
        {
            return;
        }

        foreach (string key in keys.Keys)
        {
            if (keys.Read<HashKeySource>(key, HashKeySpelling.Requirement, HashKeySpelling.TryParse) is { } source)
            {
                options.GetFeature<HttpBalancingOptions>().HashOn.Add(source);
            }
        }
    }

    private static bool TryParseTimeout(string text, out TimeSpan value)
    {
        if (text.Equals(NoTimeout, StringComparison.OrdinalIgnoreCase))
        {
            value = Timeout.InfiniteTimeSpan;
            return true;
        }

        bool isTime = TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && text.Contains(':', StringComparison.Ordinal);
        return isTime && value > TimeSpan.Zero && HttpBalancingOptions.IsTimeout(value);
    }
}
