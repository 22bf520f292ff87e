using Grpc.Core;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>Begins each call with an empty set of tried backends, which all its attempts share: the call takes along what flows when it begins, and afterwards the caller's own flow is as it was.</summary>
internal sealed class BalancedCallInvoker(CallInvoker inner) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        TriedBackends? before = TriedBackends.Begin();
        try
        {
            return inner.BlockingUnaryCall(method, host, options, request);
        }
        finally
        {
            TriedBackends.Current = before;
        }
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        TriedBackends? before = TriedBackends.Begin();
        try
        {
            return inner.AsyncUnaryCall(method, host, options, request);
        }
        finally
        {
            TriedBackends.Current = before;
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        TriedBackends? before = TriedBackends.Begin();
        try
        {
            return inner.AsyncServerStreamingCall(method, host, options, request);
        }
        finally
        {
            TriedBackends.Current = before;
        }
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        TriedBackends? before = TriedBackends.Begin();
        try
        {
            return inner.AsyncClientStreamingCall(method, host, options);
        }
        finally
        {
            TriedBackends.Current = before;
        }
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        TriedBackends? before = TriedBackends.Begin();
        try
        {
            return inner.AsyncDuplexStreamingCall(method, host, options);
        }
        finally
        {
            TriedBackends.Current = before;
        }
    }
}
