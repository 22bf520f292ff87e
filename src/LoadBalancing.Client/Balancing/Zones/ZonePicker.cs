using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>Chooses a zone by its share of the tier's load, then lets that zone's picker choose. A request with a hash stays with its zone as long as the shares stay.</summary>
internal sealed class ZonePicker : Picker
{
    /// <summary>What chooses the zone must be neither what chooses the tier, or a tier would see only a part of its zones, nor what chooses the backend.</summary>
    private const ulong Salt = 0x9E37_79B9_7F4A_7C15;

    private readonly RandomSource _random;
    private readonly Choice[] _zones;

    /// <summary>Where the range of each zone ends in all numbers of 64 bits; that of the last one is the end of them.</summary>
    private readonly ulong[] _ends;

    /// <param name="zones">Zones with a share above 0, 1 in all; at least one.</param>
    /// <param name="random">Chooses the zone of requests without a hash.</param>
    public ZonePicker(Choice[] zones, Random random)
    {
        _random = new RandomSource(random);
        _zones = zones;
        _ends = new ulong[zones.Length - 1];
        double end = 0;
        for (int i = 0; i < _ends.Length; i++)
        {
            end += zones[i].Zone.Share;
            _ends[i] = (ulong)Math.Clamp(end * Math.ScaleB(1, 64), 0, Math.BitDecrement(Math.ScaleB(1, 64)));
        }
    }

    public override BackendState? Pick(in PickRequest request) => PickerAt(request.Hash is { } hash ? BitsOf(hash) : _random.NextBits()).Pick(request);

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        foreach (Choice choice in _zones)
        {
            if (Array.IndexOf(choice.Zone.Backends.EligibleArray, backend) >= 0)
            {
                return choice.Picker.Describe(request, backend);
            }
        }

        return null;
    }

    internal override HashPicker? ForHash(ulong hash) => PickerAt(BitsOf(hash)).ForHash(hash);

    private static ulong BitsOf(ulong hash) => XxHash64.Remix(hash ^ Salt);

    private Picker PickerAt(ulong bits)
    {
        // The caller's own zone is the first and usually takes most, so the first look is usually the last.
        int index = 0;
        while (index < _ends.Length && bits >= _ends[index])
        {
            index++;
        }

        return _zones[index].Picker;
    }

    /// <summary>One zone.</summary>
    /// <param name="Zone">The zone and its share.</param>
    /// <param name="Picker">Chooses inside it.</param>
    internal sealed record Choice(ZoneShare Zone, Picker Picker);
}
