using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client.Balancer;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Grpc.Connections;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>One channel's way to one backend. Made, changed and retired under the channel's lock; calls begin and end on it without.</summary>
internal sealed class BackendSubchannel
{
    /// <summary>What <c>Grpc.Net.Client</c> sends as Host, and so as the name in TLS, in place of the address.</summary>
    private static readonly BalancerAttributesKey<string> HostOverride = new("HostOverride");

    private string? _failure;
    private bool _isEligible = true;
    private bool _isRetired;

    public BackendSubchannel(BackendState backend, bool isSecureChannel, ConnectionTracker connections, Func<SubchannelOptions, Subchannel> create)
    {
        Backend = backend;
        Route = new BackendRoute(backend.Description, isSecureChannel);
        Address = CreateAddress();
        Connections = connections.To(Route.Host, Route.Port);
        Subchannel = create(new SubchannelOptions([Address]));

        // Once there is something to retire. Nothing has been sent there by this yet.
        Connections.Hold();
        Picked = PickResult.ForSubchannel(Subchannel);
    }

    public BackendState Backend { get; }

    public Subchannel Subchannel { get; }

    /// <summary>The pick of this, which is always the same.</summary>
    public PickResult Picked { get; }

    public BackendRoute Route { get; private set; }

    public BalancerAddress Address { get; private set; }

    public PlaceConnections Connections { get; }

    /// <summary>Guarded by the channel's lock.</summary>
    public Readiness Readiness { get; private set; }

    /// <summary>Takes what is known of the backend now. The address is the same, so connections stay.</summary>
    /// <returns>Whether a connection that could not be made should be tried again: the backend may be used again.</returns>
    public bool Update(bool isSecureChannel)
    {
        Backend description = Backend.Description;
        if (!ReferenceEquals(Route.Description, description))
        {
            string? hostBefore = Route.HostHeader;
            Route = new BackendRoute(description, isSecureChannel);
            if (!string.Equals(Route.HostHeader, hostBefore, StringComparison.Ordinal))
            {
                Address = CreateAddress();
                Subchannel.UpdateAddresses([Address]);
            }
        }

        bool wasEligible = _isEligible;
        _isEligible = Backend.Unavailability == Unavailability.None;
        return _isEligible && !wasEligible && Readiness == Readiness.Failed;
    }

    /// <summary>Why there is no connection, in words; <see langword="null"/> when there is one, or may soon be.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Takes the state of the connection. A failed one counts as failed until it is ready, whatever it tries meanwhile.</summary>
    /// <returns>Whether that changes how the backend can be reached.</returns>
    public bool Observe(SubchannelState state)
    {
        Readiness before = Readiness;
        switch (state.State)
        {
            case ConnectivityState.Ready:
                Readiness = Readiness.Ready;
                Volatile.Write(ref _failure, null);
                break;

            case ConnectivityState.TransientFailure:
                Readiness = Readiness.Failed;
                Volatile.Write(ref _failure, state.Status.DebugException?.Message ?? state.Status.Detail);
                break;

            default:
                Readiness = before == Readiness.Failed ? Readiness.Failed : Readiness.Pending;
                break;
        }

        return Readiness != before;
    }

    /// <summary>Counts a call in, unless this is retired. The caller owes one <see cref="EndCall"/> for each success.</summary>
    public bool TryBeginCall()
    {
        Connections.BeginCall();
        if (!Volatile.Read(ref _isRetired))
        {
            return true;
        }

        Connections.EndCall();
        return false;
    }

    public void EndCall() => Connections.EndCall();

    /// <summary>Nothing new begins here; what runs goes on, and then the connection is closed.</summary>
    public void Retire()
    {
        Volatile.Write(ref _isRetired, true);
        Subchannel.Dispose();
        Connections.LetGo();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Backend.Id}: {Readiness}");

    private BalancerAddress CreateAddress()
    {
        BalancerAddress address = new(Route.Host, Route.Port);
        if (Route.HostHeader is { } host)
        {
            address.Attributes.Set(HostOverride, host);
        }

        return address;
    }
}
