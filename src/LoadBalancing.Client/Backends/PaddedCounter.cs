using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Backends;

/// <summary>
/// A counter that many threads write, alone on its cache lines: 128 bytes on either side, because adjacent lines are fetched in pairs.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedCounter
{
    [FieldOffset(128)]
    public long Value;
}
