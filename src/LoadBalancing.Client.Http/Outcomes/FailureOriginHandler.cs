using System.Runtime.CompilerServices;
using Microsoft.Extensions.Http.Logging;

namespace LoadBalancing.Client.Http.Outcomes;

/// <summary>
/// Stands right above the primary handler and remembers which exceptions came from it: where there are handlers of others between it and the balancer, only those tell of a backend. The others are of calls that such a handler makes
/// of its own, to a token service say, and look the same.
/// </summary>
/// <remarks>Exceptions are known by reference, not by the request that they ended: a handler may send a copy of it, or several.</remarks>
internal sealed class FailureOriginHandler : DelegatingHandler
{
    /// <summary>Several who share handlers, or several first requests, must agree on one. Taken once per balancing handler.</summary>
    private static readonly Lock Gate = new();

    private readonly ConditionalWeakTable<Exception, FailureOriginHandler> _thrown = [];

    private FailureOriginHandler(HttpMessageHandler primary)
        : base(primary)
    {
    }

    /// <summary>Finds the one below <paramref name="inner"/>, or puts one there. Before anything is sent through these handlers.</summary>
    /// <returns><see langword="null"/> when there are no handlers of others, or when they were in use before, so that nothing can be put below them.</returns>
    public static FailureOriginHandler? Attach(HttpMessageHandler? inner)
    {
        lock (Gate)
        {
            DelegatingHandler? last = FindLast(inner, out bool hasOthers);
            if (!hasOthers || last is FailureOriginHandler || last!.InnerHandler is not { } primary)
            {
                return hasOthers ? last as FailureOriginHandler : null;
            }

            FailureOriginHandler origin = new(primary);
            try
            {
                last.InnerHandler = origin;
                return origin;
            }
            catch (InvalidOperationException)
            {
                // In use, or disposed.
                return null;
            }
        }
    }

    /// <summary>Whether it is the primary handler that has thrown this very exception.</summary>
    public bool HasThrown(Exception exception) => _thrown.TryGetValue(exception, out _);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            Task<HttpResponseMessage> sending = base.SendAsync(request, cancellationToken);
            return sending.IsCompletedSuccessfully ? sending : AwaitAsync(sending);
        }
        catch (Exception exception) when (Remember(exception))
        {
            throw;
        }
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return base.Send(request, cancellationToken);
        }
        catch (Exception exception) when (Remember(exception))
        {
            throw;
        }
    }

    /// <summary>The innermost handler that has one below, or this.</summary>
    private static DelegatingHandler? FindLast(HttpMessageHandler? inner, out bool hasOthers)
    {
        hasOthers = false;
        DelegatingHandler? last = null;
        while (last is not FailureOriginHandler && inner is DelegatingHandler handler)
        {
            hasOthers |= !IsTransparent(handler);
            last = handler;
            inner = handler.InnerHandler;
        }

        return last;
    }

    /// <summary>Ours, and those with which the factory logs, throw nothing of their own.</summary>
    private static bool IsTransparent(DelegatingHandler handler) =>
        handler is FailureOriginHandler or LoadBalancingHandler || handler.GetType().Assembly == typeof(LoggingHttpMessageHandler).Assembly;

    private async Task<HttpResponseMessage> AwaitAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (Exception exception) when (Remember(exception))
        {
            throw;
        }
    }

    /// <returns>Nothing is handled here: <see langword="false"/>.</returns>
    private bool Remember(Exception exception)
    {
        _thrown.TryAdd(exception, this);
        return false;
    }
}
