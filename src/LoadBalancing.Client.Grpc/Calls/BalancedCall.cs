using Grpc.Core;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Grpc.Channels;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>
/// One request of a call: who was picked for it, and, from when it is sent until its answer has ended, the attempt. It travels in the request's options, from the picker to the handler below gRPC's own. A pick that is given up leaves
/// nothing behind: nothing is counted before the request is sent.
/// </summary>
internal sealed class BalancedCall(BalancedChannel channel, HttpRequestMessage request)
{
    private static readonly HttpRequestOptionsKey<BalancedCall> Key = new("LoadBalancing.Client.Grpc.Call");

    /// <summary>RFC 9113, section 7.</summary>
    private const long Http2Cancel = 8;

    private ViewChoice _choice;
    private BackendLease _lease;
    private long _sent;
    private int _isOver;

    public BalancedChannel Channel => channel;

    /// <summary>Where the request goes.</summary>
    public BackendSubchannel Subchannel { get; private set; } = null!;

    public BackendState Backend => _choice.Backend;

    /// <summary>What was picked for a request, if a balanced channel has made it.</summary>
    public static BalancedCall? Of(HttpRequestMessage request) => request.Options.TryGetValue(Key, out BalancedCall? call) ? call : null;

    /// <summary>Remembers a pick; a later one for the same request takes its place.</summary>
    public static void Pick(BalancedChannel channel, HttpRequestMessage request, in ViewChoice choice, BackendSubchannel subchannel)
    {
        BalancedCall? call = Of(request);
        if (call is null)
        {
            call = new BalancedCall(channel, request);
            request.Options.Set(Key, call);
        }

        call._choice = choice;
        call.Subchannel = subchannel;
    }

    /// <summary>Begins the attempt.</summary>
    /// <exception cref="RpcException">The balancer is disposed.</exception>
    /// <returns>Whether the backend lets it in: since it was picked, its last free place may have been taken, or it may have begun to drain.</returns>
    public bool TryBegin()
    {
        if (!Subchannel.TryBeginCall())
        {
            return false;
        }

        try
        {
            if (channel.Balancer.TryAcquire(_choice, out _lease, out _))
            {
                _sent = channel.Balancer.TimeProvider.GetTimestamp();
                return true;
            }
        }
        catch (ObjectDisposedException exception)
        {
            Subchannel.EndCall();
            throw new RpcException(new Status(StatusCode.Unavailable, exception.Message, exception));
        }
        catch
        {
            // A listener of the metrics threw. The attempt may have begun; nobody will send it.
            Abandon();
            throw;
        }

        Subchannel.EndCall();
        return false;
    }

    /// <summary>The first bytes of the answer are here. That is a success, until the status says something else.</summary>
    public void Respond() => _lease.Responded(Outcome.Succeeded);

    /// <summary>The attempt is over. Only the first call counts.</summary>
    public void Complete(in Outcome outcome)
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            try
            {
                _lease.Complete(outcome);
            }
            finally
            {
                Subchannel.EndCall();
            }
        }
    }

    /// <summary>The caller has ended it, or the deadline.</summary>
    public void Cancel(long bytes)
    {
        // As a rule it is over: whatever is read to its end is disposed afterwards.
        if (Volatile.Read(ref _isOver) != 0)
        {
            return;
        }

        string? timeout = request.Headers.NonValidated.TryGetValues(GrpcTimeout.HeaderName, out System.Net.Http.Headers.HeaderStringValues values) ? values.ToString() : null;
        TimeSpan elapsed = channel.Balancer.TimeProvider.GetElapsedTime(_sent);
        Complete(GrpcOutcome.OfCancellation(elapsed, timeout, channel.Rules.AttemptTimeout) with { Bytes = bytes });
    }

    /// <summary>There was no answer.</summary>
    public void Fail(Exception exception, bool isCanceled)
    {
        if (isCanceled || IsCanceledByServer(exception))
        {
            Cancel(bytes: 0);
        }
        else
        {
            Complete(HttpOutcome.OfException(exception, isCallerCanceled: false));
        }
    }

    /// <summary>The answer has broken off.</summary>
    public void FailBody(Exception exception, bool isCanceled, long bytes)
    {
        if (isCanceled || IsCanceledByServer(exception))
        {
            Cancel(bytes);
        }
        else if (HttpOutcome.OfBodyException(exception, isCallerCanceled: false) is { } outcome)
        {
            Complete(outcome with { Bytes = bytes });
        }
    }

    private void Abandon()
    {
        try
        {
            _lease.Complete(default);
        }
        finally
        {
            Subchannel.EndCall();
        }
    }

    /// <summary>A server that has noticed first that the deadline is over, or that the caller is gone, resets the stream with the code for that.</summary>
    private static bool IsCanceledByServer(Exception exception) =>
        (exception as HttpProtocolException ?? exception.InnerException as HttpProtocolException) is { ErrorCode: Http2Cancel };
}
