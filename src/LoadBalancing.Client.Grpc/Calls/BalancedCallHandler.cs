using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Grpc.Channels;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>
/// Between gRPC's balancer and the connections: begins the attempt when a request is sent, and sees to it that it is completed when the answer has ended. gRPC's own tracker cannot: it takes the headers of an answer for its end, and a
/// call that fails with a status for a success. Knows no channel: everything is in the request.
/// </summary>
internal sealed class BalancedCallHandler(HttpMessageHandler innerHandler) : DelegatingHandler(innerHandler)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (BalancedCall.Of(request) is not { } call)
        {
            return base.SendAsync(request, cancellationToken);
        }

        return call.TryBegin() ? SendAsync(call, request, cancellationToken) : SendElsewhereAsync(call, request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendElsewhereAsync(BalancedCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Redirection.BeginElsewhereAsync(call, request, cancellationToken).ConfigureAwait(false);
        return await SendAsync(call, request, cancellationToken).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> SendAsync(BalancedCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Task<HttpResponseMessage> sending;
        try
        {
            request.RequestUri = call.Subchannel.Route.Complete(request.RequestUri!);
            sending = base.SendAsync(request, cancellationToken);
        }
        catch (Exception exception)
        {
            call.Fail(exception, cancellationToken.IsCancellationRequested);
            throw;
        }

        if (!sending.IsCompletedSuccessfully)
        {
            return AwaitAsync(call, sending, cancellationToken);
        }

        Accept(call, sending.Result);
        return sending;
    }

    private static async Task<HttpResponseMessage> AwaitAsync(BalancedCall call, Task<HttpResponseMessage> sending, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            call.Fail(exception, cancellationToken.IsCancellationRequested);
            throw;
        }

        Accept(call, response);
        return response;
    }

    private static void Accept(BalancedCall call, HttpResponseMessage response)
    {
        if (response.Headers.NonValidated.TryGetValues(AnswerContent.StatusHeader, out HeaderStringValues status))
        {
            // Trailers only: there is no body.
            call.Complete(GrpcOutcome.OfStatus(status.ToString()));
        }
        else if (response.StatusCode != HttpStatusCode.OK || !AnswerContent.IsGrpc(response.Content))
        {
            // Somebody has answered who does not speak gRPC.
            call.Complete(GrpcOutcome.OfHttpStatus((int)response.StatusCode));
        }
        else
        {
            response.Content = new AnswerContent(call, response);
        }
    }
}
