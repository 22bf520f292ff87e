using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using LoadBalancing.Client.Http.Resilience;

namespace LoadBalancing.Client.Http.Tests.Resilience;

/// <summary>The table of what is sent again, cell by cell.</summary>
public sealed class RetryRulesTests
{
    private static readonly string[] IdempotentMethods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];
    private static readonly string[] OtherMethods = ["POST", "PATCH", "PROPFIND", "get-it"];

    [Fact]
    public void MayRetry_EveryMethodAndFailure_IsAsInTheTable()
    {
        foreach (string method in IdempotentMethods.Concat(OtherMethods))
        {
            foreach (bool hasKey in new[] { false, true })
            {
                using HttpRequestMessage request = new(new HttpMethod(method), "http://orders/");
                if (hasKey)
                {
                    request.Headers.Add("Idempotency-Key", "42");
                }

                bool isIdempotent = RetryRules.IsIdempotent(request);
                isIdempotent.ShouldBe(hasKey || IdempotentMethods.Contains(method), method);
                RetryRules.IsLeftAlone(request).ShouldBeFalse();
                Decide(isIdempotent).ShouldBe(
                [
                    (AttemptFailure.None, false),
                    (AttemptFailure.NeverSent, true),
                    (AttemptFailure.NoAnswer, isIdempotent),
                    (AttemptFailure.Refused, isIdempotent),
                    (AttemptFailure.Final, false),
                ]);
            }
        }
    }

    [Fact]
    public void OfStatus_EveryStatus_OnlyFourAreRefusals()
    {
        int[] refusals = [.. Enumerable.Range(100, 500).Where(status => RetryRules.OfStatus((HttpStatusCode)status) == AttemptFailure.Refused)];

        refusals.ShouldBe([429, 502, 503, 504]);
        Enumerable.Range(100, 500).Except(refusals).ShouldAllBe(status => RetryRules.OfStatus((HttpStatusCode)status) == AttemptFailure.None);
    }

    [Fact]
    public void OfException_EveryErrorOfTheHandler_IsNeverSentOnlyWhileConnecting()
    {
        HttpRequestError[] neverSent = [HttpRequestError.NameResolutionError, HttpRequestError.ConnectionError, HttpRequestError.SecureConnectionError];
        HttpRequestError[] final = [HttpRequestError.UserAuthenticationError, HttpRequestError.ConfigurationLimitExceeded, HttpRequestError.ProxyTunnelError, HttpRequestError.ExtendedConnectNotSupported];
        foreach (HttpRequestError error in Enum.GetValues<HttpRequestError>())
        {
            AttemptFailure expected = neverSent.Contains(error) ? AttemptFailure.NeverSent : final.Contains(error) ? AttemptFailure.Final : AttemptFailure.NoAnswer;
            RetryRules.OfException(new HttpRequestException(error)).ShouldBe(expected, error.ToString());
        }
    }

    [Fact]
    public void OfException_OtherExceptions_AreOfTheConnectionOrOfSomebodyElse()
    {
        RetryRules.OfException(new TaskCanceledException("connect", new TimeoutException())).ShouldBe(AttemptFailure.NeverSent);
        RetryRules.OfException(new TaskCanceledException()).ShouldBe(AttemptFailure.NoAnswer);
        RetryRules.OfException(new IOException()).ShouldBe(AttemptFailure.NoAnswer);
        RetryRules.OfException(new SocketException()).ShouldBe(AttemptFailure.NoAnswer);
        RetryRules.OfException(new HttpIOException(HttpRequestError.ResponseEnded)).ShouldBe(AttemptFailure.NoAnswer);
        RetryRules.OfException(new InvalidOperationException()).ShouldBe(AttemptFailure.Final);
        RetryRules.OfException(new TimeoutException()).ShouldBe(AttemptFailure.Final);
        RetryRules.OfException(new AuthenticationException()).ShouldBe(AttemptFailure.Final);
    }

    [Fact]
    public void IsLeftAlone_ConnectionsOfTheirOwnAndGrpc_AreNeverSentAgain()
    {
        using HttpRequestMessage connect = new(HttpMethod.Connect, "http://orders/");
        using HttpRequestMessage upgrade = new(HttpMethod.Get, "http://orders/") { Headers = { Upgrade = { new("websocket") } } };
        using HttpRequestMessage grpc = new(HttpMethod.Post, "http://orders/") { Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc+proto") } } };

        RetryRules.IsLeftAlone(connect).ShouldBeTrue();
        RetryRules.IsLeftAlone(upgrade).ShouldBeTrue();
        RetryRules.IsLeftAlone(grpc).ShouldBeTrue();
    }

    private static IEnumerable<(AttemptFailure Failure, bool IsRetried)> Decide(bool isIdempotent) =>
        Enum.GetValues<AttemptFailure>().Select(failure => (failure, RetryRules.MayRetry(isIdempotent, failure)));
}
