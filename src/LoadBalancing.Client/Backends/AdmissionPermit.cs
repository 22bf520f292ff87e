namespace LoadBalancing.Client.Backends;

/// <summary>A reservation of one of a backend's few places.</summary>
internal sealed class AdmissionPermit(AdmissionPermits owner, int place, long since)
{
    /// <summary>When it was reserved.</summary>
    public long Since { get; } = since;

    /// <summary>Gives the place back. The first call counts; and if the place was taken away meanwhile, none does.</summary>
    public void Return() => owner.Return(this, place);
}
