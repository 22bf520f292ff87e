using LoadBalancing.Client.Http.Tests.Support;

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
