using Grpc.Core;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Grpc.Channels;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>
/// Picks again for a request whose backend has refused it after all: between the pick and now, others have taken its last free places, or it began to drain. gRPC's own handler has pointed the request to that backend already, so what
/// it has written is written again. Waits where the channel's picker would have made it wait.
/// </summary>
internal static class Redirection
{
    /// <summary>How often one picker is asked. Each time somebody else was quicker.</summary>
    private const int Attempts = 4;

    // Where gRPC's handler leaves for its connections which subchannel a request is for.
    private static readonly HttpRequestOptionsKey<Subchannel> SubchannelKey = new("Subchannel");
    private static readonly HttpRequestOptionsKey<BalancerAddress> AddressKey = new("CurrentAddress");

    /// <summary>Begins the attempt on another backend.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public static async Task BeginElsewhereAsync(BalancedCall call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        BalancedChannel channel = call.Channel;
        PickContext context = new() { Request = request };
        SubchannelPicker? exhausted = null;
        while (true)
        {
            SubchannelPicker picker = await channel.GetPickerAsync(exhausted, cancellationToken).ConfigureAwait(false);
            exhausted = picker;
            bool isQueued = false;
            for (int i = 0; i < Attempts; i++)
            {
                PickResult picked = picker.Pick(context);
                isQueued = picked.Type == PickResultType.Queue;
                if (isQueued)
                {
                    break;
                }

                if (picked.Type != PickResultType.Complete)
                {
                    throw new RpcException(picked.Status);
                }

                if (call.TryBegin())
                {
                    Redirect(request, call.Subchannel);
                    return;
                }
            }

            if (!isQueued)
            {
                // A picker that lets a call wait has seen to it that another one follows. This one has seen room each time, so nobody is told when those who were quicker are through: it has to be asked for. It is published after this,
                // so it is another one than was tried, and it looks again; a call that does not wait must hear that there is no room.
                channel.Tell();
            }
        }
    }

    private static void Redirect(HttpRequestMessage request, BackendSubchannel subchannel)
    {
        BackendRoute route = subchannel.Route;
        request.RequestUri = new UriBuilder(request.RequestUri!) { Host = route.Host, Port = route.Port }.Uri;
        request.Headers.Remove("Host");
        if (route.HostHeader is { } host)
        {
            request.Headers.TryAddWithoutValidation("Host", host);
        }

        request.Options.Set(SubchannelKey, subchannel.Subchannel);
        request.Options.Set(AddressKey, subchannel.Address);
    }
}
