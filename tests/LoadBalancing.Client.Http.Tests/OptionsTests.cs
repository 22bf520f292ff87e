using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:00:01")]
    [InlineData("1.00:00:01")]
    public void UseAttemptTimeout_OutOfRange_ThrowsAndNamesTheValue(string text)
    {
        TimeSpan timeout = TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

        foreach (Action set in new Action[]
        {
            () => new BalancerBuilder("orders").UseAttemptTimeout(timeout),
            () => new HttpBalancingOptions().AttemptTimeout = timeout,
            () => new HttpRequestMessage().SetAttemptTimeout(timeout),
        })
        {
            ArgumentOutOfRangeException exception = Should.Throw<ArgumentOutOfRangeException>(set);
            exception.Message.ShouldContain($"AttemptTimeout = {text}");
            exception.Message.ShouldContain("must be above 0");
        }
    }

    [Fact]
    public async Task SendAsync_RequestOptionOutOfRange_ThrowsAndCompletesTheLease()
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(), new Backend("http://10.0.0.1"));
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
        request.Options.Set(LoadBalancingRequestOptions.AttemptTimeout, TimeSpan.Zero);

        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => balanced.Invoker.SendAsync(request, CancellationToken.None));

        balanced.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_KeyMadeByHand_IsTheSameKey()
    {
        using BalancedClient balanced = BalancedClient.Create(new StubHandler(), builder => builder.HashOn(key => key.ClientAddress()), new Backend("http://10.0.0.1"));

        await SendAsync(options => options.Set(new HttpRequestOptionsKey<string>("LoadBalancing.Client.HashKey"), "mine"));
        await SendAsync(options => options.Set(new HttpRequestOptionsKey<ulong>("LoadBalancing.Client.Hash"), 7UL));
        await SendAsync(options => options.Set(new HttpRequestOptionsKey<IPAddress>("LoadBalancing.Client.ClientAddress"), IPAddress.Loopback));
        await SendAsync(_ => { });

        balanced.Policy.Hashes.ShouldBe([PickRequest.ForKey("mine").Hash, 7UL, PickRequest.ForKey("127.0.0.1").Hash, null]);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => SendAsync(options => options.Set(new HttpRequestOptionsKey<TimeSpan>("LoadBalancing.Client.AttemptTimeout"), TimeSpan.Zero)));

        async Task SendAsync(Action<HttpRequestOptions> set)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/");
            set(request.Options);
            using HttpResponseMessage response = await balanced.Invoker.SendAsync(request, CancellationToken.None);
        }
    }

    [Fact]
    public void Of_RequestWithoutOptions_MakesNone()
    {
        using HttpRequestMessage request = new();

        ExistingOptions.Of(request).ShouldBeNull();
        HttpRequestOptions options = request.Options;
        ExistingOptions.Of(request).ShouldBeSameAs(options);
    }

    [Fact]
    public void BalanceAuthorities_NoAuthority_Throws() =>
        Should.Throw<ArgumentException>(() => new BalancerBuilder("orders").BalanceAuthorities("fine", "not fine")).Message.ShouldContain("'not fine'");

    [Fact]
    public async Task BalanceAuthorities_Authority_IsBalanced()
    {
        StubHandler stub = new();
        using BalancedClient balanced = BalancedClient.Create(stub, builder => builder.BalanceAuthorities("api.example.com:8443"), new Backend("http://10.0.0.1"));

        using HttpResponseMessage response = await balanced.Client.GetAsync(new Uri("https://api.example.com:8443/x"));

        stub.Uri!.OriginalString.ShouldBe("http://10.0.0.1/x");
    }
}
