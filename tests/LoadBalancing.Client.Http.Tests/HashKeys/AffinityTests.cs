using System.Net;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.HashKeys;

/// <summary>Over real servers: who has a key stays with one, and keys are spread over all.</summary>
public sealed class AffinityTests
{
    private const int Keys = 60;

    [Theory]
    [InlineData("ring_hash", "header:X-User")]
    [InlineData("maglev", "header:X-User")]
    [InlineData("rendezvous", "header:X-User")]
    [InlineData("maglev", "cookie:sid")]
    [InlineData("maglev", "query:id")]
    [InlineData("maglev", "path:1")]
    [InlineData("ip_hash", null)]
    [InlineData("ip_hash", "client-address:x-forwarded-for")]
    public async Task SendAsync_SameKey_StaysWithItsServerAndKeysAreSpread(string policy, string? hashOn)
    {
        await using LoopbackServer a = await StartAsync("a");
        await using LoopbackServer b = await StartAsync("b");
        await using LoopbackServer c = await StartAsync("c");
        await using ServiceProvider provider = Build(policy, hashOn, a, b, c);
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        Dictionary<string, int> spread = [];

        for (int i = 0; i < Keys; i++)
        {
            string first = await SendAsync(client, hashOn, i);
            string second = await SendAsync(client, hashOn, i);
            second.ShouldBe(first);
            spread[first] = spread.GetValueOrDefault(first) + 1;
        }

        // Ports differ from run to run, and the tables with them: a third each, by 4 standard deviations of the binomial, rounded up for the ring's unevenness.
        spread.Keys.Order().ShouldBe(["a", "b", "c"]);
        spread.Values.ShouldAllBe(count => count >= 4 && count <= 40);
    }

    private static async Task<string> SendAsync(HttpClient client, string? hashOn, int key)
    {
        string uri = hashOn switch
        {
            "query:id" => $"/items?id={key}",
            "path:1" => $"/items/{key}",
            _ => "/items",
        };
        using HttpRequestMessage request = new(HttpMethod.Get, uri);
        _ = hashOn switch
        {
            "header:X-User" => request.Headers.TryAddWithoutValidation("X-User", $"user {key}"),
            "cookie:sid" => request.Headers.TryAddWithoutValidation("Cookie", $"theme=dark; sid={key}"),
            "client-address:x-forwarded-for" => request.Headers.TryAddWithoutValidation("X-Forwarded-For", $"10.0.0.{key}, 192.0.2.1"),
            null => request.SetClientAddress(IPAddress.Parse($"10.0.0.{key}")) is not null,
            _ => true,
        };
        using HttpResponseMessage response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static Task<LoopbackServer> StartAsync(string name) => LoopbackServer.StartAsync(context => context.Response.WriteAsync(name));

    private static ServiceProvider Build(string policy, string? hashOn, params LoopbackServer[] servers)
    {
        IEnumerable<KeyValuePair<string, string?>> values =
        [
            KeyValuePair.Create("orders:Policy", (string?)policy),
            KeyValuePair.Create("orders:HashOn:0", hashOn),
            .. servers.Select((server, i) => KeyValuePair.Create($"orders:Backends:{i}", (string?)server.Address.ToString())),
        ];
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("orders"));
        return services.BuildServiceProvider();
    }
}
