using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Load;

/// <summary>A number that every attempt writes and every pick reads, alone on its cache lines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedLevel
{
    [FieldOffset(128)]
    public double Value;
}
