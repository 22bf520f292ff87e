using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>A POST without a key is never seen twice, whatever dies when: by servers that count what arrives, and kill connections at every moment.</summary>
public sealed class SentOnceTests
{
    public static TheoryData<string, string, bool, bool> Deaths
    {
        get
        {
            TheoryData<string, string, bool, bool> cases = [];
            foreach (string moment in new[] { "accept", "head", "body", "answer", "half status", "half headers" })
            {
                foreach (string content in new[] { "none", "empty", "bytes", "stream" })
                {
                    foreach (bool expectsContinue in new[] { false, true })
                    {
                        foreach (bool resets in new[] { false, true })
                        {
                            cases.Add(moment, content, expectsContinue, resets);
                        }
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task SendAsync_ConnectionDies_PostIsSeenAtMostOnce(string moment, string content, bool expectsContinue, bool resets)
    {
        ConcurrentQueue<string> seen = [];
        Task serve(Socket connection, CancellationToken token) => DieAsync(connection, seen, moment, resets, token);
        await using LoopbackTcpServer first = LoopbackTcpServer.Start(serve);
        await using LoopbackTcpServer second = LoopbackTcpServer.Start(serve);
        await using RetryPool pool = RetryPool.At([first.Address, second.Address]);
        using HttpRequestMessage warmUp = new(HttpMethod.Get, "http://orders/warm-up");
        (await pool.Invoker.SendAsync(warmUp, CancellationToken.None)).Dispose();

        foreach (bool synchronously in new[] { false, true })
        {
            seen.Clear();
            using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/post") { Content = CreateContent(content), Headers = { ExpectContinue = expectsContinue ? true : null } };
            HttpContent? before = request.Content;
            try
            {
                using HttpResponseMessage response = synchronously ? pool.Invoker.Send(request, CancellationToken.None) : await pool.Invoker.SendAsync(request, CancellationToken.None);
                response.StatusCode.ShouldBe(HttpStatusCode.NoContent, "only a server that has answered the warm-up and then closes answers again");
            }
            catch (BackendRequestException exception)
            {
                exception.Backend.ShouldNotBeNull();
            }

            seen.Count(head => head.StartsWith("POST", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(1);
            request.Headers.ExpectContinue.ShouldBe(expectsContinue ? true : null);
            request.Content.ShouldBeSameAs(before);
        }

        pool.InFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task SendAsync_ServersThatKillConnectionsUnderLoad_SeeEachPostAtMostOnce(HttpProtocols protocols)
    {
        ConcurrentDictionary<string, int> seen = [];
        LoopbackServer?[] servers = new LoopbackServer?[3];
        RequestDelegate serve(int index) => async context =>
        {
            string id = context.Request.Headers["X-Id"].ToString();
            seen.AddOrUpdate(id, 1, (_, count) => count + 1);
            switch (int.Parse(id, CultureInfo.InvariantCulture) % 9)
            {
                case 0:
                    servers[index]!.AbortConnections();
                    break;
                case 1:
                    await context.Request.Body.CopyToAsync(Stream.Null);
                    context.Abort();
                    break;
                case 2:
                    await context.Response.Body.FlushAsync();
                    servers[index]!.AbortConnections();
                    break;
                case 3:
                    context.Response.StatusCode = 503;
                    break;
            }
        };
        await using RetryPool pool = await RetryPool.StartAsync([serve(0), serve(1), serve(2)], builder => builder.UsePolicy(new RandomPolicy()), protocols);
        (servers[0], servers[1], servers[2]) = (pool[0], pool[1], pool[2]);

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "http://orders/")
            {
                Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = CreateContent((i % 4) switch { 0 => "none", 1 => "empty", 2 => "bytes", _ => "stream" }),
                Headers = { { "X-Id", i.ToString(CultureInfo.InvariantCulture) } },
            };
            request.Headers.ExpectContinue = i % 5 == 0 ? true : null;

            try
            {
                using HttpResponseMessage response = await pool.Invoker.SendAsync(request, token);
            }
            catch (BackendRequestException exception)
            {
                exception.Backend.ShouldNotBeNull();
            }
        });

        seen.Count.ShouldBeGreaterThan(100);
        seen.Where(entry => entry.Value > 1).ShouldBeEmpty();
        pool.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_GetOnAConnectionThatDies_IsSentAgain()
    {
        // What makes the theory above worth something: the same servers, and a request that may be sent again.
        ConcurrentQueue<string> seen = [];
        await using LoopbackTcpServer first = LoopbackTcpServer.Start((connection, token) => DieAsync(connection, seen, "head", resets: false, token));
        await using LoopbackTcpServer second = LoopbackTcpServer.Start((connection, token) => DieAsync(connection, seen, "head", resets: false, token));
        await using RetryPool pool = RetryPool.At([first.Address, second.Address]);

        await Should.ThrowAsync<BackendRequestException>(() => pool.Client.GetAsync("/get"));

        seen.Count.ShouldBeGreaterThan(2);
    }

    /// <summary>Answers the warm-up, and dies in the middle of whatever comes then on the same or on another connection.</summary>
    private static async Task DieAsync(Socket connection, ConcurrentQueue<string> seen, string moment, bool resets, CancellationToken token)
    {
        while (true)
        {
            string head = await LoopbackTcpServer.ReadHeadAsync(connection, token);
            if (head.Length == 0)
            {
                return;
            }

            seen.Enqueue(head);
            if (head.Contains("/warm-up", StringComparison.Ordinal))
            {
                await SendAsync(connection, "HTTP/1.1 204 No Content\r\n\r\n", token);
                if (moment == "accept")
                {
                    break;
                }

                continue;
            }

            if (moment is "body" or "answer" or "half status" or "half headers" && head.Contains("Content-Length: 3", StringComparison.OrdinalIgnoreCase))
            {
                byte[] body = new byte[moment == "body" ? 1 : 3];
                await connection.ReceiveAsync(body, token);
            }

            if (moment is "half status" or "half headers")
            {
                await SendAsync(connection, moment == "half status" ? "HTTP/1.1 20" : "HTTP/1.1 200 OK\r\nContent-Le", token);
            }

            break;
        }

        if (resets)
        {
            await LoopbackTcpServer.ResetAsync(connection, token);
        }
    }

    private static HttpContent? CreateContent(string kind) => kind switch
    {
        "none" => null,
        "empty" => new ByteArrayContent([]),
        "bytes" => new ByteArrayContent([1, 2, 3]),
        _ => new StreamContent(new MemoryStream([1, 2, 3])),
    };

    private static async Task SendAsync(Socket connection, string text, CancellationToken token) => await connection.SendAsync(Encoding.Latin1.GetBytes(text), token);
}
