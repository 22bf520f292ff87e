using Grpc.Core;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Grpc.Channels;

namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>
/// Lets the balancer's policy choose among the backends that the channel has a connection to. Nothing is counted: gRPC may drop the pick. Immutable; whatever changes, another instance takes its place, since gRPC wakes the calls that
/// wait for one only then.
/// </summary>
internal sealed class BackendPicker(BalancedChannel channel, BalancerView view, IReadOnlyDictionary<BackendState, BackendSubchannel> subchannels) : SubchannelPicker
{
    private const int MostFailures = 5;

    private static readonly HttpRequestOptionsKey<bool> WaitForReadyKey = new("WaitForReady");

    /// <summary>Called by many threads at once; does not wait.</summary>
    public override PickResult Pick(PickContext context)
    {
        HttpRequestMessage request = context.Request!;
        PickRequest pick = new() { Hash = channel.Rules.FindHash(request) };
        ViewChoice choice;
        ViewAnswer answer;
        try
        {
            answer = TriedBackends.Current is { } tried ? ChooseUntried(tried, ref pick, out choice) : Choose(pick, out choice);
        }
        catch (ObjectDisposedException exception)
        {
            // There will never be another picker, so a call that waits until the channel is ready must not wait either.
            return PickResult.ForDrop(new Status(StatusCode.Unavailable, exception.Message, exception));
        }

        if (answer != ViewAnswer.Chosen)
        {
            bool isSoon = answer == ViewAnswer.Later && !channel.IsOverdue;
            return isSoon || channel.IsSettling || Waits(request) ? PickResult.ForQueue() : Refuse(pick, answer);
        }

        if (!subchannels.TryGetValue(choice.Backend, out BackendSubchannel? subchannel))
        {
            // It began to drain while this was made. There will be another picker.
            return PickResult.ForQueue();
        }

        BalancedCall.Pick(channel, request, choice, subchannel);
        return subchannel.Picked;
    }

    /// <summary>Hedges of one call may get here at the same time; who comes second looks again.</summary>
    private ViewAnswer ChooseUntried(TriedBackends tried, ref PickRequest pick, out ViewChoice choice)
    {
        while (true)
        {
            pick = pick with { Excluded = tried.All };
            ViewAnswer answer = Choose(pick, out choice);
            if (answer != ViewAnswer.Chosen || tried.TryAdd(choice.Backend, pick.Excluded))
            {
                return answer;
            }
        }
    }

    private ViewAnswer Choose(in PickRequest pick, out ViewChoice choice)
    {
        ViewAnswer answer = view.Choose(pick, out choice);
        if (answer == ViewAnswer.Full)
        {
            // First asked to be told, then looked again: so no place that becomes free in between is missed.
            channel.WakeWhenThereIsRoom();
            answer = view.Choose(pick, out choice);
        }

        return answer;
    }

    private static bool Waits(HttpRequestMessage request) => request.Options.TryGetValue(WaitForReadyKey, out bool waits) && waits;

    private PickResult Refuse(in PickRequest pick, ViewAnswer answer)
    {
        NoBackendAvailableException reason = channel.Balancer.Refuse(pick, isSaturated: answer == ViewAnswer.Full);
        string[] failures = [.. subchannels.Values.Where(subchannel => subchannel.Failure is not null).Take(MostFailures).Select(subchannel => $"{subchannel.Backend.Id}: {subchannel.Failure}")];
        string message = failures.Length == 0 ? reason.Message : $"{reason.Message} This channel cannot connect to {string.Join("; ", failures)}.";
        return PickResult.ForFailure(new Status(StatusCode.Unavailable, message, reason));
    }
}
