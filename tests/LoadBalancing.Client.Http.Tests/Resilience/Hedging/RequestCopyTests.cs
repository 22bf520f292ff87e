using System.Net;
using System.Net.Http.Metrics;
using LoadBalancing.Client.Http.Resilience.Hedging;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

public sealed class RequestCopyTests
{
    [Fact]
    public void Create_Everything_IsThereAndTheCopysOwn()
    {
        using HttpRequestMessage request = new(HttpMethod.Put, "http://orders/items?x=1#f")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("hello"),
        };
        request.Headers.Add("X-One", "1");
        request.Headers.Add("X-Two", ["1", "2"]);
        request.Headers.TryAddWithoutValidation("User-Agent", "not (well formed");
        request.Headers.Host = "other";
        request.Headers.ExpectContinue = true;
        request.Headers.TransferEncodingChunked = true;
        request.SetHashKey("user-7");

        using HttpRequestMessage copy = RequestCopy.Create(request);

        copy.ToString().ShouldBe(request.ToString());
        (copy.VersionPolicy, copy.RequestUri, copy.Content).ShouldBe((request.VersionPolicy, request.RequestUri, request.Content));
        (copy.Headers.ExpectContinue, copy.Headers.TransferEncodingChunked).ShouldBe((true, true));
        copy.Options.TryGetValue(LoadBalancingRequestOptions.HashKey, out string? key).ShouldBeTrue();
        key.ShouldBe("user-7");

        string before = request.ToString();
        copy.RequestUri = new Uri("http://10.0.0.1/");
        copy.Version = HttpVersion.Version11;
        copy.Headers.Host = null;
        copy.Headers.Remove("X-Two");
        copy.SetHashKey("user-8");
        copy.Content = null;

        request.ToString().ShouldBe(before);
        request.Options.TryGetValue(LoadBalancingRequestOptions.HashKey, out key).ShouldBeTrue();
        key.ShouldBe("user-7");
    }

    [Fact]
    public void Create_RequestWithoutHeadersAndOptions_MakesNone()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");

        using HttpRequestMessage copy = RequestCopy.Create(request);

        (ExistingHeaders.Of(request), ExistingOptions.Of(request), ExistingHeaders.Of(copy), ExistingOptions.Of(copy)).ShouldBe((null, null, null, null));
    }

    [Fact]
    public void Create_CallbacksThatEnrichMetrics_AreAddedToOneCopyOnly()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        HttpMetricsEnrichmentContext.AddCallback(request, _ => { });

        using HttpRequestMessage copy = RequestCopy.Create(request);
        HttpMetricsEnrichmentContext.AddCallback(copy, _ => { });

        (Callbacks(request), Callbacks(copy)).ShouldBe((1, 2));

        // Where the runtime keeps them is its own business; that this finds them is part of the test.
        static int Callbacks(HttpRequestMessage message) => message.Options.Select(option => option.Value).OfType<List<Action<HttpMetricsEnrichmentContext>>>().ShouldHaveSingleItem().Count;
    }
}
