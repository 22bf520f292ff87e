using System.Globalization;
using Grpc.Core;

namespace GrpcSample;

/// <summary>What runs on each server.</summary>
internal sealed class OrdersService(Server server) : Orders.OrdersBase
{
    /// <summary>With which gRPC's retries tell how often the call was sent before.</summary>
    private const string PreviousAttempts = "grpc-previous-rpc-attempts";

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(200);

    public override async Task<Order> Get(OrderRequest request, ServerCallContext context)
    {
        await Task.Delay(Work, context.CancellationToken);
        string? before = context.RequestHeaders.GetValue(PreviousAttempts);
        return new Order { Number = request.Number, Server = server.Id, PreviousAttempts = before is null ? 0 : int.Parse(before, CultureInfo.InvariantCulture) };
    }

    public override async Task Watch(OrderRequest request, IServerStreamWriter<OrderEvent> responseStream, ServerCallContext context)
    {
        for (int i = 0; ; i++)
        {
            await responseStream.WriteAsync(new OrderEvent { Text = $"order {request.Number}, event {i}", Server = server.Id }, context.CancellationToken);
            await Task.Delay(BetweenEvents, context.CancellationToken);
        }
    }
}
