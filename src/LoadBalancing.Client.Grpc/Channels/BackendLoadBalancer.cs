using Grpc.Core;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Grpc.Calls;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>
/// Keeps a connection to each backend that is to have one, and a picker in force. gRPC calls it under the channel's lock; in here nothing waits, and nobody is called who could wait: news come in through
/// <see cref="UpdateChannelState"/>, and what is to be done because of a subchannel's state is done there as well, a moment later, once for all that come together.
/// </summary>
internal sealed class BackendLoadBalancer(IChannelControlHelper controller) : LoadBalancer
{
    private Dictionary<BackendState, BackendSubchannel> _subchannels = [];
    private BalancedChannel? _channel;
    private BalancerView? _view;
    private bool _isReadinessNew;
    private bool _isDisposed;

    public override void UpdateChannelState(ChannelState state)
    {
        if (_isDisposed || BalancerResolver.FindChannel(state) is not { } channel)
        {
            return;
        }

        _channel = channel;
        if (channel.IsOpen)
        {
            Refresh(channel);
        }
    }

    public override void RequestConnection()
    {
        foreach (BackendSubchannel subchannel in _subchannels.Values)
        {
            subchannel.Subchannel.RequestConnection();
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!_isDisposed)
        {
            _isDisposed = true;
            foreach (BackendSubchannel subchannel in _subchannels.Values)
            {
                subchannel.Retire();
            }
        }
    }

    /// <summary>A backend that drains gets nothing new, so it needs no connection but those on which something runs.</summary>
    private static bool NeedsConnection(BackendState backend) => (backend.Unavailability & Unavailability.Draining) == 0;

    private void Refresh(BalancedChannel channel)
    {
        BackendSubchannel[] toConnect = [];
        try
        {
            // There may be nothing new but that a backend has room, which calls wait for that look at the same view.
            if (_isReadinessNew || _view is not { IsOutdated: false })
            {
                (_view, toConnect) = Look(channel);
            }
        }
        catch (ObjectDisposedException exception)
        {
            Publish(channel, ConnectivityState.TransientFailure, new DroppingPicker(exception));
            return;
        }
        catch (Exception exception) when (_view is null)
        {
            // There is no picker that could stay in force, and calls must not wait for one that may never come.
            Publish(channel, ConnectivityState.TransientFailure, new FailingPicker(exception));
            throw;
        }

        Publish(channel, StateOf(channel, _view), new BackendPicker(channel, _view, _subchannels));

        // Not before the picker is in force: a connection may fail at once, and that is news to what is there.
        Array.ForEach(toConnect, subchannel => subchannel.Subchannel.RequestConnection());
    }

    /// <summary>Builds a view and the subchannels for it. When that fails, nothing is spent: the next refresh looks again.</summary>
    private (BalancerView View, BackendSubchannel[] ToConnect) Look(BalancedChannel channel)
    {
        // Off before, not after: a subchannel that changes its state in here changes it after the view has looked.
        bool wasReadinessNew = _isReadinessNew;
        _isReadinessNew = false;
        try
        {
            BalancerView view = channel.CreateView(_subchannels.ToDictionary(entry => entry.Key, entry => entry.Value.Readiness));
            return (view, Connect(channel, view.Backends));
        }
        catch
        {
            _isReadinessNew |= wasReadinessNew;
            throw;
        }
    }

    private void Publish(BalancedChannel channel, ConnectivityState state, SubchannelPicker picker)
    {
        channel.Publish(picker);
        controller.UpdateState(new BalancerState(state, picker));
    }

    /// <summary>Makes the subchannels of backends that are new, keeps those that stay, and retires the others.</summary>
    /// <returns>Those to connect now.</returns>
    private BackendSubchannel[] Connect(BalancedChannel channel, BackendSet backends)
    {
        List<BackendSubchannel> created = [];
        List<BackendSubchannel> toConnect = [];
        Dictionary<BackendState, BackendSubchannel> kept = new(backends.Count);
        try
        {
            foreach (BackendState backend in backends)
            {
                if (!NeedsConnection(backend))
                {
                    continue;
                }

                if (!_subchannels.TryGetValue(backend, out BackendSubchannel? subchannel))
                {
                    subchannel = new BackendSubchannel(backend, channel.IsSecure, channel.Connections, controller.CreateSubchannel);
                    created.Add(subchannel);
                    subchannel.Subchannel.OnStateChanged(state => OnStateChanged(subchannel, state));
                    toConnect.Add(subchannel);
                }
                else if (subchannel.Update(channel.IsSecure))
                {
                    // Somebody has found it well, or a trial is due: it must not be left to wait for a connection until gRPC's back-off, which may be minutes by now, is over.
                    toConnect.Add(subchannel);
                }

                kept.Add(backend, subchannel);
            }
        }
        catch
        {
            // They would be made again, and nobody would know of these.
            created.ForEach(subchannel => subchannel.Retire());
            throw;
        }

        BackendSubchannel[] gone = [.. _subchannels.Values.Where(subchannel => !ReferenceEquals(kept.GetValueOrDefault(subchannel.Backend), subchannel))];
        if (gone.Length > 0 || kept.Count > _subchannels.Count)
        {
            // Another one, since pickers hold on to this.
            _subchannels = kept;
            Array.ForEach(gone, subchannel => subchannel.Retire());
        }

        return [.. toConnect];
    }

    private static ConnectivityState StateOf(BalancedChannel channel, BalancerView view) => view.Outlook switch
    {
        ViewAnswer.Chosen => ConnectivityState.Ready,
        ViewAnswer.Later when !channel.IsOverdue => ConnectivityState.Connecting,
        _ => channel.IsSettling ? ConnectivityState.Connecting : ConnectivityState.TransientFailure,
    };

    private void OnStateChanged(BackendSubchannel subchannel, SubchannelState state)
    {
        if (state.State == ConnectivityState.Shutdown || _channel is not { } channel)
        {
            return;
        }

        if (subchannel.Observe(state))
        {
            _isReadinessNew = true;
            channel.Tell();
        }

        if (state.State == ConnectivityState.TransientFailure)
        {
            bool isTimeout = state.Status.DebugException is TimeoutException;
            ThreadPool.UnsafeQueueUserWorkItem(static failed => failed.Channel.ReportConnectFailure(failed.Backend, failed.IsTimeout), (Channel: channel, subchannel.Backend, IsTimeout: isTimeout), preferLocal: false);
        }
        else if (state.State == ConnectivityState.Idle)
        {
            // The connection was lost, or closed because nobody used it: the next call should not have to wait for another one.
            subchannel.Subchannel.RequestConnection();
        }
    }
}
