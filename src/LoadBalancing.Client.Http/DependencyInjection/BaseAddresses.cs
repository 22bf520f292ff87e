using System.Collections.Concurrent;
using LoadBalancing.Client.DependencyInjection;
using LoadBalancing.Client.Http.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>
/// The base address of each named client, as its configuration sets it. Nothing holds it but the configuring actions, so they are run on a client that sends nothing, once per name.
/// A base address that a typed client's constructor sets cannot be seen: <see cref="HttpBalancingOptions.Authorities"/> is for that.
/// </summary>
internal sealed class BaseAddresses(IServiceProvider services, IOptionsMonitor<HttpClientFactoryOptions> clients)
{
    private readonly ConcurrentDictionary<string, Uri?> _found = new(StringComparer.Ordinal);

    /// <summary>The base address whose requests belong to <paramref name="serviceName"/>; <see langword="null"/> when the client has none, or when it is another service's.</summary>
    public Uri? Find(string clientName, string serviceName)
    {
        Uri? address = _found.GetOrAdd(clientName, Read);
        return address is not null && !IsOtherService(address, serviceName) ? address : null;
    }

    private Uri? Read(string clientName)
    {
        using HttpClient scratch = new(new HttpClientHandler());
        foreach (Action<HttpClient> configure in clients.Get(clientName).HttpClientActions)
        {
            configure(scratch);
        }

        return scratch.BaseAddress;
    }

    private bool IsOtherService(Uri address, string serviceName)
    {
        string host = Authority.HostOf(address);
        return !host.Equals(serviceName, StringComparison.OrdinalIgnoreCase)
            && services.GetService<BalancerRegistry>() is { } balancers
            && balancers.Names.Contains(host, StringComparer.OrdinalIgnoreCase);
    }
}
