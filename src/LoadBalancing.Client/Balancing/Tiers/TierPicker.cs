using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>Chooses a tier by its share of the load, then lets that tier's picker choose. A request with a hash stays with its tier as long as the shares stay.</summary>
internal sealed class TierPicker : Picker
{
    private readonly RandomSource _random;
    private readonly Choice[] _tiers;
    private readonly byte[] _tierByPercent = new byte[100];

    /// <param name="tiers">Tiers with a load above 0, 100 in all; at most 100 of them.</param>
    /// <param name="random">Chooses the tier of requests without a hash.</param>
    public TierPicker(Choice[] tiers, Random random)
    {
        _random = new RandomSource(random);
        _tiers = tiers;
        int percent = 0;
        for (int i = 0; i < tiers.Length; i++)
        {
            _tierByPercent.AsSpan(percent, tiers[i].Load).Fill((byte)i);
            percent += tiers[i].Load;
        }
    }

    public override BackendState? Pick(in PickRequest request)
    {
        // From a remix of the hash: what chooses the tier must not be what chooses the backend in it, or each tier would see only a part of its table used.
        ulong bits = request.Hash is { } hash ? XxHash64.Remix(hash) : _random.NextBits();
        return PickerAt(bits).Pick(request);
    }

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        foreach (Choice tier in _tiers)
        {
            if (tier.Priority == backend.Description.Priority)
            {
                return tier.Picker.Describe(request, backend);
            }
        }

        return null;
    }

    internal override HashPicker? ForHash(ulong hash) => PickerAt(XxHash64.Remix(hash)).ForHash(hash);

    private Picker PickerAt(ulong bits)
    {
        int percent = (int)Math.BigMul(bits, (ulong)_tierByPercent.Length, out _);
        return _tiers[_tierByPercent[percent]].Picker;
    }

    /// <summary>One tier.</summary>
    /// <param name="Priority">Its number; lower is tried first.</param>
    /// <param name="Load">Its share of the load in per cent.</param>
    /// <param name="Picker">Chooses inside it.</param>
    internal sealed record Choice(int Priority, int Load, Picker Picker);
}
