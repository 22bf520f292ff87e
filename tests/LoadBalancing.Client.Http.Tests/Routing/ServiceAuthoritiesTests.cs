using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.Tests.Routing;

public sealed class ServiceAuthoritiesTests
{
    [Theory]
    [InlineData("http://orders/items", true)]
    [InlineData("HTTP://ORDERS/items", true)]
    [InlineData("https://orders/items", true)]
    [InlineData("http://orders", true)]
    [InlineData("http://orders?x=1", true)]
    [InlineData("http://orders:80/items", true)]
    [InlineData("https://orders:443/items", true)]
    [InlineData("ws://orders/items", true)]
    [InlineData("http://user@orders/items", true)]
    [InlineData("http://orders:8080/items", false)]
    [InlineData("http://orders:443/items", false)]
    [InlineData("http://orders.evil.example/items", false)]
    [InlineData("http://orders@evil.example/items", false)]
    [InlineData("http://evil.example/http://orders/", false)]
    [InlineData("http://ordersx/items", false)]
    [InlineData("ftp://orders/items", false)]
    public void TryMatch_Uri_IsOursByItsAuthority(string uri, bool expected) =>
        For("orders").TryMatch(new Uri(uri), out _).ShouldBe(expected);

    [Theory]
    [InlineData("https://api.example.com:8443/items", true)]
    [InlineData("https://api.example.com/items", false)]
    [InlineData("https://API.example.com:8443/", true)]
    public void TryMatch_AuthorityWithPort_NeedsThatPort(string uri, bool expected) =>
        For("orders", "api.example.com:8443").TryMatch(new Uri(uri), out _).ShouldBe(expected);

    [Fact]
    public void TryMatch_InternationalName_IsFoundInEitherForm()
    {
        For("bücher.example").TryMatch(new Uri("http://xn--bcher-kva.example/x"), out _).ShouldBeTrue();
        For("xn--bcher-kva.example").TryMatch(new Uri("http://bücher.example/x"), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/items/42?x=1&y=a,b;c")]
    [InlineData("/a%2Fb?c=d%20e")]
    [InlineData("/%41")]
    [InlineData("/a/../b/./c")]
    [InlineData("/.hidden/file.txt")]
    [InlineData("/a b?c d")]
    [InlineData("/a#fragment")]
    [InlineData("/ü?ü")]
    [InlineData("//double//slash")]
    [InlineData("/a\\b")]
    [InlineData("/[x]{y}|z^`\"<>")]
    [InlineData("/a.?b/../c")]
    public void TryMatch_Target_IsWhatABareClientSends(string pathAndQuery)
    {
        Uri uri = new("http://orders" + pathAndQuery);

        For("orders").TryMatch(uri, out RequestTarget target).ShouldBeTrue();

        target.Span.ToString().ShouldBe(uri.PathAndQuery);
    }

    [Fact]
    public void TryMatch_AnyTarget_IsWhatABareClientSends()
    {
        ServiceAuthorities authorities = For("orders");
        Gen<string> texts = Gen.Elements("abcXYZ019-._~!$&'()*+,;=:@/?%#\\ []{}|^`\"<>ü\u20ac\t".ToCharArray()).ArrayOf().Select(chars => new string(chars));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            Uri uri = new("http://orders/" + text);
            return authorities.TryMatch(uri, out RequestTarget target) && target.Span.SequenceEqual(uri.PathAndQuery);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("http://orders")]
    [InlineData("orders/path")]
    [InlineData("orders:0x50")]
    [InlineData("user@orders")]
    [InlineData("orders?x")]
    public void Parse_NoAuthority_Throws(string authority) =>
        Should.Throw<ArgumentException>(() => Authority.Parse(authority)).Message.ShouldContain($"'{authority}'");

    [Theory]
    [InlineData("orders")]
    [InlineData("orders:8080")]
    [InlineData("my_service")]
    [InlineData("[::1]:8080")]
    [InlineData("10.0.0.1:80")]
    public void Parse_Authority_IsKept(string authority) => Authority.Parse(authority).ToString().ShouldBe(authority);

    private static ServiceAuthorities For(params string[] authorities) => new(authorities.Select(Authority.Parse));
}
