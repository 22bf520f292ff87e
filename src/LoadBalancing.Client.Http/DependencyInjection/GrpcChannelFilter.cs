using LoadBalancing.Client.Http.Routing;
using Microsoft.Extensions.Http;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>Prepares the handlers of balanced clients for gRPC channels that are made of them. After all that configures a client, since that may put another primary handler in place.</summary>
internal sealed class GrpcChannelFilter : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.AdditionalHandlers.Any(handler => handler is LoadBalancingHandler))
        {
            GrpcChannels.LeaveAlone(builder.PrimaryHandler);
        }
    };
}
