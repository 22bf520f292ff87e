using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>Fails calls, unless they wait until the channel is ready: no view of the balancer could be built so far.</summary>
internal sealed class FailingPicker(Exception reason) : SubchannelPicker
{
    private readonly PickResult _failure = PickResult.ForFailure(new Status(StatusCode.Unavailable, $"No backend can be chosen: {reason.Message}", reason));

    public override PickResult Pick(PickContext context) => _failure;
}
