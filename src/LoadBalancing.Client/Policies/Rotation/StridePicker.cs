using System.Globalization;
using System.Numerics;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>Walks a <see cref="StrideTable"/> with all other threads together.</summary>
/// <remarks>
/// One number holds where the current window of steps begins and which of its steps still have to be served. A pick takes the first of them with one compare-and-swap, so each is taken once and in order;
/// whoever takes the last one looks at the next window. What all threads see is the walk of one.
/// </remarks>
internal sealed class StridePicker : RotationPicker
{
    /// <summary>Backends that a position has room for.</summary>
    public const int MostBackends = 1 << IndexBits;

    private const int IndexBits = 64 - GenerationBits - StrideTable.Window;
    private const int GenerationBits = 16;
    private const uint WindowMask = (1 << StrideTable.Window) - 1;

    /// <summary>Turns after which a pick without the excluded takes whoever is next. With those allowed at a hundredth of the excluded ones' weight, this is a fair turn of it.</summary>
    private const int MostTurns = 4096;

    private readonly BackendState[] _backends;
    private readonly StrideTable _table;
    private PaddedCounter _state;

    /// <param name="backends">At least one.</param>
    /// <param name="table">Their turns.</param>
    /// <param name="start">Any position.</param>
    public StridePicker(BackendState[] backends, StrideTable table, ulong start)
    {
        _backends = backends;
        _table = table;
        ulong position = table.Advance(((start >> 32) << 32) | ((uint)start % (uint)backends.Length), 0);
        _state.Value = Pack(position, table.FindServed(position));
    }

    public override BackendState? Pick(in PickRequest request)
    {
        BackendState backend = _backends[Take()];
        return request.HasExclusions && request.ExcludedInPlace.Contains(backend) ? PickAllowed(request.ExcludedInPlace, backend) : backend;
    }

    /// <summary>The step that serves the next one: it counts its turns itself.</summary>
    public override ulong PositionAt(ulong turn)
    {
        ulong position = Unpack((ulong)Volatile.Read(ref _state.Value), out uint left);
        return _table.Advance(position, (uint)BitOperations.TrailingZeroCount(left | (1u << StrideTable.Window)));
    }

    public override RotationPlace PlaceAt(ulong position) => new(_backends, (int)(uint)position);

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        int index = Array.IndexOf(_backends, backend);
        return index < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"scaled weight {_table.WeightOf(index)}");
    }

    private static long Pack(ulong position, uint left) =>
        (long)(((position >> 32) << (64 - GenerationBits)) | ((ulong)(uint)position << StrideTable.Window) | left);

    private static ulong Unpack(ulong state, out uint left)
    {
        left = (uint)state & WindowMask;
        return ((state >> (64 - GenerationBits)) << 32) | ((state >> StrideTable.Window) & (MostBackends - 1));
    }

    /// <summary>Takes the next turn.</summary>
    /// <returns>The index of the backend that is served.</returns>
    private uint Take()
    {
        long state = Volatile.Read(ref _state.Value);
        for (int tries = 1; ; tries++)
        {
            ulong position = Unpack((ulong)state, out uint left);
            long next = state & (state - 1);
            if (left == 0)
            {
                // Somebody is served within as many steps as there are backends.
                do
                {
                    position = _table.Advance(position, StrideTable.Window);
                    left = _table.FindServed(position);
                }
                while (left == 0);

                next = Pack(position, left & (left - 1));
            }

            // Somebody may always come between; after some tries the turn is used without being taken.
            long seen = Interlocked.CompareExchange(ref _state.Value, next, state);
            if (seen == state || tries == TurnCounter.MaxTries)
            {
                uint index = (uint)position + (uint)BitOperations.TrailingZeroCount(left);
                uint count = (uint)_backends.Length;
                return index < count ? index : index % count;
            }

            state = seen;
        }
    }

    /// <summary>Excluded backends lose their turns; the others keep theirs.</summary>
    private BackendState PickAllowed(in BackendExclusions excluded, BackendState last)
    {
        BackendState backend = last;
        for (int turns = Math.Min(MostTurns, 2 * _backends.Length * StrideTable.Window); turns > 0 && excluded.Contains(backend); turns--)
        {
            backend = _backends[Take()];
        }

        // All are excluded, or those that are left weigh next to nothing.
        int start = Array.IndexOf(_backends, backend);
        for (int i = 0; i < _backends.Length && excluded.Contains(backend); i++)
        {
            backend = _backends[(start + i) % _backends.Length];
        }

        return backend;
    }
}
