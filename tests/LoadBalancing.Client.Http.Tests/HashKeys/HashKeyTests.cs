using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Http.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.HashKeys;

/// <summary>Where each kind of key is found in a request.</summary>
public sealed class HashKeyTests
{
    [Theory]
    [InlineData("7", "7")]
    [InlineData("a, b", "a, b")]
    [InlineData("j\u00fcrgen \u20ac", "j\u00fcrgen \u20ac")]
    [InlineData("", null)]
    public void Header_Value_IsTheKeyAsItIs(string value, string? expected) =>
        Find(key => key.Header("x-user"), request => request.Headers.TryAddWithoutValidation("X-User", value)).ShouldBe(HashOf(expected));

    [Fact]
    public void Header_LongerThanTheStackBuffer_IsHashedWhole()
    {
        string value = new('\u00fc', 5_000);

        Find(key => key.Header("X-User"), request => request.Headers.TryAddWithoutValidation("X-User", value)).ShouldBe(HashOf(value));
    }

    [Fact]
    public void Header_SeveralValues_FirstIsTheKey() =>
        Find(key => key.Header("X-User"), request => request.Headers.Add("X-User", ["first", "second"])).ShouldBe(HashOf("first"));

    [Fact]
    public void Header_SeveralValues_FirstThatIsNotEmptyIsTheKey() =>
        Find(key => key.Header("X-User"), request =>
        {
            request.Headers.TryAddWithoutValidation("X-User", "");
            request.Headers.TryAddWithoutValidation("X-User", "second");
        }).ShouldBe(HashOf("second"));

    [Fact]
    public void Header_Missing_IsNoKey() => Find(key => key.Header("X-User"), _ => { }).ShouldBeNull();

    [Fact]
    public void Header_OfTheContent_IsFound() =>
        Find(key => key.Header("Content-Language"), request =>
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.ContentLanguage.Add("en");
        }).ShouldBe(HashOf("en"));

    [Theory]
    [InlineData("sid=abc", "abc")]
    [InlineData("a=1; sid=abc; b=2", "abc")]
    [InlineData("a=1;sid=abc;b=2", "abc")]
    [InlineData("a=1;  sid=abc  ", "abc")]
    [InlineData("sid=\"abc\"", "abc")]
    [InlineData("sid=\"", "\"")]
    [InlineData("sid=a=b==", "a=b==")]
    [InlineData("sid=first; sid=second", "first")]
    [InlineData("sid=; sid=second", "second")]
    [InlineData("sid=\"\"", null)]
    [InlineData("sid=\"\"; sid=; sid=c; sid=d", "c")]
    [InlineData("sid=; sid=", null)]
    [InlineData("xsid=abc; sidx=abc; SID=abc", null)]
    [InlineData("sid", null)]
    [InlineData("x=sid=abc", null)]
    [InlineData(";;=;sid=abc", "abc")]
    [InlineData("", null)]
    public void Cookie_Header_ValueWithoutQuotesIsTheKey(string header, string? expected) =>
        Find(key => key.Cookie("sid"), request => request.Headers.TryAddWithoutValidation("Cookie", header)).ShouldBe(HashOf(expected));

    [Fact]
    public void Cookie_SeveralHeaders_AllAreLookedAt() =>
        Find(key => key.Cookie("sid"), request =>
        {
            request.Headers.Add("Cookie", "a=1; sid=");
            request.Headers.Add("Cookie", "b=2; sid=abc");
        }).ShouldBe(HashOf("abc"));

    [Theory]
    [InlineData("/items?id=42", "42")]
    [InlineData("/items?a=1&id=42&b=2", "42")]
    [InlineData("/items?id=1&id=2", "1")]
    [InlineData("/items?id=&id=2", "2")]
    [InlineData("/items?id", null)]
    [InlineData("/items?id=", null)]
    [InlineData("/items?id=&id&id=", null)]
    [InlineData("/items?id&id=2", "2")]
    [InlineData("/items?ID=42&idx=1&xid=2", null)]
    [InlineData("/items?id=a%20b+c", "a%20b+c")]
    [InlineData("/items?id=a=b", "a=b")]
    [InlineData("/items?a=b?id=3&id=4", "4")]
    [InlineData("/id=5", null)]
    [InlineData("/id=5&id=6", null)]
    [InlineData("/items?", null)]
    [InlineData("/items?&&id=42&", "42")]
    [InlineData("/items?id=42#id=43", "42")]
    [InlineData("?id=42", "42")]
    [InlineData("/items?id=\u00fc", "%C3%BC")]
    public void Query_Uri_FirstValueAsOnTheWireIsTheKey(string pathAndQuery, string? expected) =>
        Find(key => key.Query("id"), _ => { }, pathAndQuery).ShouldBe(HashOf(expected));

    [Theory]
    [InlineData("/users/42/orders", 0, "users")]
    [InlineData("/users/42/orders", 1, "42")]
    [InlineData("/users/42", 1, "42")]
    [InlineData("/users/42/", 1, "42")]
    [InlineData("/users/42/", 2, null)]
    [InlineData("/users/42", 2, null)]
    [InlineData("/users/42?x=/a/b/c", 1, "42")]
    [InlineData("/users/42?x=/a/b/c", 2, null)]
    [InlineData("/users//42", 1, null)]
    [InlineData("/users//42", 2, "42")]
    [InlineData("/a%2Fb/c", 0, "a%2Fb")]
    [InlineData("/a b/c", 0, "a%20b")]
    [InlineData("/", 0, null)]
    [InlineData("", 0, null)]
    [InlineData("/x", int.MaxValue, null)]
    public void PathSegment_Uri_CountsFromZeroAndIsAsOnTheWire(string pathAndQuery, int index, string? expected) =>
        Find(key => key.PathSegment(index), _ => { }, pathAndQuery).ShouldBe(HashOf(expected));

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7:4711", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:DB8:0::0:1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("[::1]", "::1")]
    public void ClientAddress_SetByTheApplication_IsTheKeyInOneSpelling(string address, string expected) =>
        Find(key => key.ClientAddress(), request => request.SetClientAddress(address)).ShouldBe(HashOf(expected));

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, 10.0.0.1, 10.0.0.2", "203.0.113.7")]
    [InlineData("203.0.113.7:4711, 10.0.0.1", "203.0.113.7")]
    [InlineData("  203.0.113.7  ,10.0.0.1", "203.0.113.7")]
    [InlineData("2001:DB8::0:1, 10.0.0.1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("\"[2001:db8::1]:4711\"", "2001:db8::1")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("unknown, 10.0.0.1", null)]
    [InlineData("_hidden", null)]
    [InlineData("7", null)]
    [InlineData("10.1", null)]
    [InlineData("10.0.1", null)]
    [InlineData("010.0.0.1", null)]
    [InlineData("10.0.0.01:4711", null)]
    [InlineData("00.0.0.1", null)]
    [InlineData("0x7f.0.0.1", null)]
    [InlineData("167772161", null)]
    [InlineData("10.0.0.256", null)]
    [InlineData("10.0.0.1.", null)]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.0.100.200", "10.0.100.200")]
    [InlineData("[2001:db8::1", null)]
    [InlineData(", 10.0.0.1", null)]
    [InlineData(",", null)]
    [InlineData("", null)]
    public void ClientAddress_ForwardedFor_FirstAddressIsTheKeyWithoutItsPort(string header, string? expected) =>
        Find(key => key.ClientAddress(useForwardedFor: true), request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", header)).ShouldBe(HashOf(expected));

    [Fact]
    public void ClientAddress_ForwardedForNotWanted_IsIgnored() =>
        Find(key => key.ClientAddress(), request => request.Headers.Add("X-Forwarded-For", "203.0.113.7")).ShouldBeNull();

    [Fact]
    public void ClientAddress_SetAndForwarded_WhatTheApplicationSaysWins() =>
        Find(key => key.ClientAddress(useForwardedFor: true), request =>
        {
            request.Headers.Add("X-Forwarded-For", "203.0.113.7");
            request.SetClientAddress(IPAddress.Loopback);
        }).ShouldBe(HashOf("127.0.0.1"));

    [Fact]
    public void ClientAddress_LinkLocalWithScope_IsFound() =>
        Find(key => key.ClientAddress(), request => request.SetClientAddress(new IPAddress(IPAddress.Parse("fe80::ffff:ffff:ffff:ffff").GetAddressBytes(), uint.MaxValue)))
            .ShouldBe(HashOf("fe80::ffff:ffff:ffff:ffff%4294967295"));

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1.example")]
    [InlineData("7")]
    [InlineData("010.0.0.1")]
    [InlineData("10.1:80")]
    public void SetClientAddress_NoAddress_ThrowsAndNamesIt(string address)
    {
        using HttpRequestMessage request = new();

        Should.Throw<ArgumentException>(() => request.SetClientAddress(address)).Message.ShouldContain($"'{address}' must be an IP address");
    }

    [Theory]
    [InlineData("mine", "mine")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Custom_Function_ItsResultIsTheKey(string? result, string? expected) =>
        Find(key => key.Custom(request => request.Method == HttpMethod.Get ? result : "other"), _ => { }).ShouldBe(HashOf(expected));

    [Fact]
    public void HashOn_SeveralPlaces_FirstThatHasAKeyWins()
    {
        Action<HashKeyBuilder> places = key => key.Header("X-User").Cookie("sid").Query("id").Custom(_ => "rest");

        Find(places, request => Add(request, ("Cookie", "sid=c"), ("X-User", "h")), "/?id=q").ShouldBe(HashOf("h"));
        Find(places, request => Add(request, ("Cookie", "sid=c"), ("X-User", "")), "/?id=q").ShouldBe(HashOf("c"));
        Find(places, request => Add(request, ("Cookie", "x=c")), "/?id=q").ShouldBe(HashOf("q"));
        Find(places, _ => { }).ShouldBe(HashOf("rest"));
    }

    [Fact]
    public void HashOn_SeveralCalls_AddUpInTheirOrder()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").HashOn(key => key.Header("A")).HashOn(key => key.Header("B").Header("A")).Build();

        Find(balancer, request => Add(request, ("B", "b"), ("A", "a"))).ShouldBe(HashOf("a"));
        Find(balancer, request => Add(request, ("B", "b"))).ShouldBe(HashOf("b"));
    }

    [Fact]
    public void SetHashKey_Empty_CountsAsNone()
    {
        Find(key => key.Header("X-User"), request => Add(request, ("X-User", "h")).SetHashKey("")).ShouldBe(HashOf("h"));
        Find(key => key.Header("X-User"), request => request.SetHashKey("")).ShouldBeNull();
    }

    [Fact]
    public void HashOn_RequestHasItsOwnHash_ThatWins()
    {
        Find(key => key.Header("X-User"), request => Add(request, ("X-User", "h")).SetHash(7)).ShouldBe(7u);
        Find(key => key.Header("X-User"), request => Add(request, ("X-User", "h")).SetHashKey("mine")).ShouldBe(HashOf("mine"));
    }

    [Fact]
    public void HashOn_AnyPlace_IsTheHashOfForKey() =>
        Find(key => key.Query("id"), _ => { }, "/?id=42").ShouldBe(PickRequest.ForKey("42").Hash);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a=b")]
    public void HashOn_NameThatCannotBe_ThrowsAndNamesIt(string name)
    {
        BalancerBuilder builder = new("orders");

        foreach (Action<HashKeyBuilder> place in new Action<HashKeyBuilder>[] { key => key.Header(name), key => key.Cookie(name), key => key.Query(name) })
        {
            Should.Throw<ArgumentException>(() => builder.HashOn(place)).Message.ShouldContain($"'{name}': must be the name of a ");
        }
    }

    [Fact]
    public void HashOn_NegativeSegment_Throws() => Should.Throw<ArgumentOutOfRangeException>(() => new BalancerBuilder("orders").HashOn(key => key.PathSegment(-1)));

    [Fact]
    public void HashOn_NoPlace_Throws() => Should.Throw<ArgumentException>(() => new BalancerBuilder("orders").HashOn(_ => { })).Message.ShouldContain("'orders': HashOn must name at least one");

    private static ulong? HashOf(string? key) => key is null ? null : PickRequest.ForKey(key).Hash;

    private static HttpRequestMessage Add(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        HttpRequestHeaders target = request.Headers;
        Array.ForEach(headers, header => target.TryAddWithoutValidation(header.Name, header.Value).ShouldBeTrue());
        return request;
    }

    private static ulong? Find(Action<HashKeyBuilder> places, Action<HttpRequestMessage> prepare, string pathAndQuery = "/")
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").HashOn(places).Build();
        return Find(balancer, prepare, pathAndQuery);
    }

    private static ulong? Find(Balancer balancer, Action<HttpRequestMessage> prepare, string pathAndQuery = "/")
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "http://orders" + pathAndQuery);
        prepare(request);
        using LoadBalancingHandler handler = new(balancer);
        HttpBalancingSettings settings = handler.Settings;
        settings.Authorities.TryMatch(request.RequestUri!, out RequestTarget target).ShouldBeTrue();
        return settings.CreatePick(request, target).Hash;
    }
}
