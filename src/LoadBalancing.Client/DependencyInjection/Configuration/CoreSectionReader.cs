using System.Net.Sockets;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>Reads the keys of the engine itself.</summary>
internal sealed class CoreSectionReader(PolicyCatalog policies) : IBalancerSectionReader
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    public void Read(SectionReader section, BalancerOptions options)
    {
        ReadPolicy(section, options);
        BackendsReader.Read(section, options);
        ReadDns(section, options);
        options.PanicThreshold = section.ReadDouble("PanicThreshold", 0, 1) ?? options.PanicThreshold;
        options.FailClosed = section.ReadBoolean("FailClosed") ?? options.FailClosed;
        options.SubsetSize = section.ReadInt32("SubsetSize", 1) ?? options.SubsetSize;
        options.FirstBackendsTimeout = section.ReadTimeSpan("FirstBackendsTimeout", ShortestTimeout, LongestTimeout) ?? options.FirstBackendsTimeout;
        HealthSectionReader.Read(section, options);
        if (section.ReadSection("Telemetry") is { } telemetry)
        {
            options.RecordPeers = telemetry.ReadBoolean("RecordPeers") ?? options.RecordPeers;
            telemetry.RefuseUnknownKeys();
        }
    }

    private void ReadPolicy(SectionReader section, BalancerOptions options)
    {
        PolicyRegistration? policy = section.Read<PolicyRegistration>(
            "Policy",
            $"must be the name of a policy: {string.Join(", ", policies.Names)}",
            (string name, out PolicyRegistration? found) => (found = policies.Find(name)) is not null);

        if (policy is null && section.IsSet("Policy"))
        {
            // Which options an unknown policy has is unknown too.
            section.Ignore("PolicyOptions");
            return;
        }

        SectionReader? policyOptions = section.ReadSection("PolicyOptions");
        if (policy is null && policyOptions is null)
        {
            return;
        }

        // The same policy with the same options must stay the same object: its pickers' memory hangs on it.
        policy ??= policies.Find(PolicyCatalog.DefaultName)!;
        policyOptions ??= section.ReadEither("PolicyOptions").Section;
        LoadBalancingPolicy? read = Create(policy, section, policyOptions);
        policyOptions.RefuseUnknownKeys();
        if (read is null)
        {
            return;
        }

        options.Policy = options.Keep((section.Path, policy.Name, policyOptions.Text), () => read);
    }

    private static LoadBalancingPolicy? Create(PolicyRegistration policy, SectionReader section, SectionReader policyOptions)
    {
        try
        {
            return policy.Read(policyOptions);
        }
#pragma warning disable CA1031 // Foreign code: whatever is wrong with it, section and policy are named, and what else is wrong is said too.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            section.Report("Policy", $"cannot be made: {exception.Message}");
            return null;
        }
    }

    private static void ReadDns(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("Dns") is not { } dns || !section.IsSet("Dns"))
        {
            return;
        }

        const string hostRequirement = "must be a host name or an IP address";
        const string portRequirement = "must be a whole number from 1 to 65535";
        string? host = dns.Read<string>("Host", hostRequirement, static (string text, out string? value) => DnsOptions.IsHost(value = text));
        int? port = dns.ReadInt32("Port", DnsOptions.LowestPort, DnsOptions.HighestPort);
        string? scheme = dns.Read<string>("Scheme", "must be http, https or tcp", static (string text, out string? value) =>
            (value = text.ToLowerInvariant()) is "http" or "https" or "tcp");
        AddressFamily? family = dns.ReadChoice("AddressFamily", ("any", AddressFamily.Unspecified), ("ipv4", AddressFamily.InterNetwork), ("ipv6", AddressFamily.InterNetworkV6));
        TimeSpan? interval = dns.ReadTimeSpan("RefreshInterval", DnsOptions.ShortestInterval, DnsOptions.LongestInterval);
        dns.ReportMissing("Host", hostRequirement);
        dns.ReportMissing("Port", portRequirement);
        dns.RefuseUnknownKeys();
        if (host is null || port is null)
        {
            return;
        }

        DnsOptions read = new(host, port.Value);
        read = read with
        {
            Scheme = scheme ?? read.Scheme,
            AddressFamily = family ?? read.AddressFamily,
            RefreshInterval = interval ?? read.RefreshInterval,
        };
        options.Sources.Add(options.Keep((section.Path, read), () => new DnsBackendSource(read, options.TimeProvider)));
    }
}
