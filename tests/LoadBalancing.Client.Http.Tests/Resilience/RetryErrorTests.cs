using System.Net;
using System.Text.RegularExpressions;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>What a caller is told when nothing helped.</summary>
public sealed partial class RetryErrorTests
{
    [Fact]
    public async Task SendAsync_EveryConnectIsRefused_NamesTheLastBackendAndThoseBefore()
    {
        Uri[] nobody = [UnusedPort.Address(), UnusedPort.Address()];
        await using RetryPool pool = RetryPool.At(nobody, builder => builder.UseRetries(retry => retry.MaxAttempts = 2));

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => pool.Client.GetAsync("/"));

        (exception.Service, exception.Backend, exception.HttpRequestError).ShouldBe(("orders", "b", HttpRequestError.ConnectionError));
        exception.InnerException.ShouldBeOfType<HttpRequestException>();
        Milliseconds().Replace(exception.Message, " N ms").ShouldBe(
            $"Service 'orders': no connection to backend 'b' after N ms: Connection refused ({nobody[1].Authority}); before: 'a' connection_error after N ms");
        exception.Attempts.Select(attempt => (attempt.Backend, attempt.ErrorType, attempt.StatusCode)).ShouldBe([("a", "connection_error", null), ("b", "connection_error", null)]);
        exception.Attempts.ShouldAllBe(attempt => attempt.Elapsed > TimeSpan.Zero);
        pool.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Send_EveryConnectIsRefused_ThrowsTheSame()
    {
        await using RetryPool pool = RetryPool.At([UnusedPort.Address(), UnusedPort.Address()]);

        BackendRequestException exception = Should.Throw<BackendRequestException>(() => pool.Client.Send(new HttpRequestMessage(HttpMethod.Get, "/")));

        exception.Attempts.Select(attempt => attempt.Backend).ShouldBe(["a", "b", "a"]);
        pool.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_ConnectionBreaks_NamesTheBackend()
    {
        await using LoopbackTcpServer server = LoopbackTcpServer.Start(async (connection, token) =>
        {
            await LoopbackTcpServer.ReadHeadAsync(connection, token);
            await LoopbackTcpServer.ResetAsync(connection, token);
        });
        await using RetryPool pool = RetryPool.At([server.Address]);

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => pool.Client.PostAsync("/", new StringContent("x")));

        exception.Message.ShouldStartWith("Service 'orders': backend 'a' failed after ");
        exception.Attempts.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task SendAsync_AnswerToTheRetryBreaksOff_NamesItsBackendAndWhatWasBefore()
    {
        using Balancer balancer = new BalancerBuilder("orders").UsePolicy(new RoundRobinPolicy())
            .AddBackends(new Backend("http://10.0.0.1:8080") { Id = "a" }, new Backend("http://10.0.0.2:8080") { Id = "b" })
            .UseRetries(retry => retry.BaseDelay = TimeSpan.Zero)
            .Build();
        string? first = null;
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler((request, _) =>
        {
            first ??= request.RequestUri!.Host;
            return Task.FromResult(request.RequestUri!.Host == first ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) : new HttpResponseMessage { Content = new StreamContent(new BrokenStream()) });
        })));
        using HttpResponseMessage response = await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None);

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => response.Content.LoadIntoBufferAsync());

        (string before, string last) = first == "10.0.0.1" ? ("a", "b") : ("b", "a");
        Milliseconds().Replace(exception.Message, " N ms").ShouldBe($"Service 'orders': backend '{last}' broke off its answer after 0 bytes: The end. (ResponseEnded); before: '{before}' 503 after N ms");
        exception.Attempts.Select(attempt => (attempt.Backend, attempt.StatusCode, attempt.ErrorType)).ShouldBe([(before, HttpStatusCode.ServiceUnavailable, "503"), (last, null, "response_ended")]);
        exception.InnerException.ShouldBeOfType<HttpIOException>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_HandlerInsideSpoilsTheRequestsTimeout_LeavesNothingInFlight(bool isAnswered)
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:8080").Build();
        using HttpMessageInvoker invoker = new(new LoadBalancingHandler(balancer, new StubHandler((request, _) =>
        {
            request.Options.Set(LoadBalancingRequestOptions.AttemptTimeout, TimeSpan.FromDays(-1));
            return isAnswered ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)) : throw new HttpRequestException("broken");
        })));

        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://orders/"), CancellationToken.None));

        balancer.Backends.ShouldHaveSingleItem().InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_HandlerBelowThrowsItsOwn_ThrowsThat()
    {
        foreach (Exception own in new Exception[] { new FormatException("mine"), new OwnException("mine") })
        {
            using BalancedClient balanced = BalancedClient.Create(new StubHandler((_, _) => Task.FromException<HttpResponseMessage>(own)), builder => builder.UseRetries(retry => retry.Enabled = true), new Backend("http://10.0.0.1"));

            (await Should.ThrowAsync<Exception>(() => balanced.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Post, "http://orders/"), CancellationToken.None))).ShouldBeSameAs(own);
            balanced.InFlight.ShouldBe(0);
        }
    }

    [Fact]
    public async Task SendAsync_RetriesAndTimeoutsOff_SaysAsMuchAsIsKnown()
    {
        Uri nobody = UnusedPort.Address();
        await using RetryPool pool = RetryPool.At([nobody], builder => builder.UseRetries(retry => retry.Enabled = false).UseAttemptTimeout(Timeout.InfiniteTimeSpan));

        BackendRequestException exception = await Should.ThrowAsync<BackendRequestException>(() => pool.Client.GetAsync("/"));

        exception.Message.ShouldBe($"Service 'orders': no connection to backend 'a': Connection refused ({nobody.Authority})");
        exception.Attempts.ShouldHaveSingleItem().Elapsed.ShouldBeNull();
    }

    [Fact]
    public async Task GetAttempts_FirstAnswer_IsOneAttempt()
    {
        await using RetryPool pool = await RetryPool.StartAsync([200]);

        using HttpResponseMessage response = await pool.Client.GetAsync("/");
        BackendAttempt attempt = response.GetAttempts().ShouldHaveSingleItem();

        attempt.ShouldBe(new BackendAttempt("a", HttpStatusCode.OK, null, null));
        new HttpResponseMessage().GetAttempts().ShouldBeEmpty();
    }

    [GeneratedRegex(@" [0-9.]+ ms", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Milliseconds();

    private sealed class OwnException(string message) : HttpRequestException(message);

    private sealed class BrokenStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new HttpIOException(HttpRequestError.ResponseEnded, "The end.");
    }
}
