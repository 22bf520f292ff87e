using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>Bodies of requests that are sent again.</summary>
public sealed class BodyReplayTests
{
    private readonly ConcurrentQueue<string> _seen = [];

    public static TheoryData<string, bool> Contents
    {
        get
        {
            TheoryData<string, bool> cases = [];
            foreach (string kind in new[] { "none", "bytes", "text", "form", "memory", "json", "json of a list", "json of a set", "parts" })
            {
                cases.Add(kind, true);
            }

            foreach (string kind in new[] { "stream", "parts with a stream", "json of an iterator", "json of what comes" })
            {
                cases.Add(kind, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task SendAsync_RefusedByTheFirst_IsSentAgainWithTheSameBodyIfItCan(string kind, bool isInMemory)
    {
        await using RetryPool pool = await RetryPool.StartAsync([Read(503), Read(200)]);
        using HttpContent? content = Create(kind);

        using HttpResponseMessage response = await pool.Client.PutAsync("/", content);

        ReplayableContent.IsInMemory(content).ShouldBe(isInMemory);
        response.StatusCode.ShouldBe(isInMemory ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        _seen.Count.ShouldBe(isInMemory ? 2 : 1);
        _seen.Distinct().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(9, false, 1)]
    [InlineData(10, false, 2)]
    [InlineData(10, true, 2)]
    public async Task SendAsync_StreamUpToTheLimit_IsReadIntoMemoryAndSentAgain(int limit, bool synchronously, int expected)
    {
        await using RetryPool pool = await RetryPool.StartAsync([Read(503), Read(200)], builder => builder.UseRetries(retry => retry.MaxBufferedBodyBytes = limit));
        using HttpRequestMessage request = new(HttpMethod.Put, "/") { Content = Create("stream") };

        using HttpResponseMessage response = synchronously ? pool.Client.Send(request) : await pool.Client.SendAsync(request);

        _seen.ToArray().ShouldBe(Enumerable.Repeat("some bytes", expected));
        response.StatusCode.ShouldBe(expected == 2 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task SendAsync_PostWithoutKey_IsNotReadIntoMemory()
    {
        await using RetryPool pool = await RetryPool.StartAsync([Read(503), Read(200)], builder => builder.UseRetries(retry => retry.MaxBufferedBodyBytes = 1000));
        using UnbufferedContent content = new();

        using HttpResponseMessage response = await pool.Client.PostAsync("/", content);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        content.WasWrittenToMemory.ShouldBeFalse();
    }

    [Fact]
    public async Task SendAsync_StreamAfterAConnectThatWasRefused_IsSentWhole()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(Read(200));
        await using RetryPool pool = RetryPool.At([UnusedPort.Address(), server.Address]);

        using HttpResponseMessage response = await pool.Client.PostAsync("/", Create("stream"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        _seen.ShouldHaveSingleItem().ShouldBe("some bytes");
    }

    private static HttpContent? Create(string kind) => kind switch
    {
        "none" => null,
        "bytes" => new ByteArrayContent("some bytes"u8.ToArray()),
        "text" => new StringContent("some bytes"),
        "form" => new FormUrlEncodedContent([KeyValuePair.Create("a", "1")]),
        "memory" => new ReadOnlyMemoryContent(Encoding.ASCII.GetBytes("some bytes")),
        "json" => JsonContent.Create(new { A = 1 }),
        "json of a list" => JsonContent.Create(new List<int> { 1, 2 }),
        "json of a set" => JsonContent.Create(new HashSet<int> { 1, 2 }),
        "json of an iterator" => JsonContent.Create(Iterate()),
        "json of what comes" => JsonContent.Create(ComeAsync()),
        "parts" => new MultipartFormDataContent("boundary") { { new StringContent("1"), "a" }, { new MultipartContent("mixed", "inner") { JsonContent.Create(1) }, "b" } },
        "stream" => new StreamContent(new MemoryStream("some bytes"u8.ToArray())),
        "parts with a stream" => new MultipartFormDataContent("boundary") { { new StringContent("1"), "a" }, { new StreamContent(new MemoryStream([1])), "b" } },
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static IEnumerable<int> Iterate()
    {
        yield return 1;
    }

    private static async IAsyncEnumerable<int> ComeAsync()
    {
        await Task.Yield();
        yield return 1;
    }

    private RequestDelegate Read(int status) => async context =>
    {
        using StreamReader reader = new(context.Request.Body);
        _seen.Enqueue(await reader.ReadToEndAsync());
        context.Response.StatusCode = status;
    };

    private sealed class UnbufferedContent : HttpContent
    {
        public bool WasWrittenToMemory { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            WasWrittenToMemory |= stream is MemoryStream || stream.GetType().Name.Contains("Buffer", StringComparison.Ordinal);
            await stream.WriteAsync(new byte[3]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 3;
            return true;
        }
    }
}
