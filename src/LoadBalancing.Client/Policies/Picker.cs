namespace LoadBalancing.Client;

/// <summary>Chooses among the backends of one snapshot. Immutable, or safe for any number of threads; never blocks, allocates or loops without a bound.</summary>
public abstract class Picker
{
    /// <summary>
    /// Chooses a backend of the snapshot that the picker was made from, or returns <see langword="null"/>: then there is none. Should avoid <see cref="PickRequest.Excluded"/> while another is left;
    /// whatever it returns, the balancer itself makes sure of that, at the price of a second pick.
    /// </summary>
    public abstract BackendState? Pick(in PickRequest request);

    /// <summary>Says in a few words how <paramref name="backend"/> stands with this picker now, for example <c>load 3 (2 choices)</c>; <see langword="null"/> for nothing to say. Changes nothing.</summary>
    public virtual string? Describe(in PickRequest request, BackendState backend) => null;
}
