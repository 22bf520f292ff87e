using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>Says once in the log that a hash policy was asked without a hash. Thread safe.</summary>
internal sealed class HashlessNotice(PolicyContext context, string policy)
{
    private bool _isSaid;

    public void Say()
    {
        // Read first: a request without a hash is seldom the only one, and a write would move the line from core to core.
        if (!Volatile.Read(ref _isSaid) && !Interlocked.Exchange(ref _isSaid, true))
        {
            Log.HashMissing(context.Logger, context.ServiceName, policy);
        }
    }
}
