using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>Ends every call, those too that wait until the channel is ready: the balancer is disposed, so it never will be.</summary>
internal sealed class DroppingPicker(ObjectDisposedException reason) : SubchannelPicker
{
    private readonly PickResult _drop = PickResult.ForDrop(new Status(StatusCode.Unavailable, reason.Message, reason));

    public override PickResult Pick(PickContext context) => _drop;
}
