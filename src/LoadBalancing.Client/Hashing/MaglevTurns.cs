using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Hashing;

/// <summary>
/// Whose turn it is to take a slot of a Maglev table, when weights differ so much that most keys wait for most of the rounds: the round in which a key is due is computed, instead of asking every key in every round.
/// </summary>
/// <remarks>
/// A key with n slots is due in the first round r, after its last one, with r × share ≥ n × heaviest, where the right side is added up step by step, as Envoy does. Turns are dealt out for several rounds at once:
/// for as many as it takes until keys have had a turn each on average, so that looking at a key once more costs no more than its turn.
/// </remarks>
internal sealed class MaglevTurns
{
    private const int None = -1;

    private readonly Key[] _keys;
    private readonly double _heaviest;
    private readonly int[] _firstOfRound;
    private readonly Turn[] _turns;
    private readonly ushort[] _inOrder;
    private double _round = 1;

    /// <param name="shares">The share of each key, 0 or more and not all 0; at most <see cref="MaglevTable.MostKeys"/> of them.</param>
    /// <param name="heaviest">The largest of them.</param>
    /// <param name="rounds">How many rounds to deal out at once; 1 or more.</param>
    public MaglevTurns(ReadOnlySpan<double> shares, double heaviest, int rounds)
    {
        _heaviest = heaviest;
        _firstOfRound = new int[rounds];
        _keys = new Key[shares.Length];
        int most = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            _keys[i] = new Key { Share = shares[i], Due = 1 };

            // One more for a turn at the edge, and one for rounding.
            most += (int)(rounds * (shares[i] / heaviest)) + 2;
        }

        _turns = new Turn[most];
        _inOrder = new ushort[most];
    }

    /// <summary>The keys that take a slot in the next rounds, in the order in which they do: round by round, and in each in the order of the keys. Good until the next call; may be empty.</summary>
    public ReadOnlySpan<ushort> Next()
    {
        // From the last key to the first, each in front of those that its round has already: so the keys of a round are in order.
        double end = _round + _firstOfRound.Length;
        int count = 0;
        _firstOfRound.AsSpan().Fill(None);
        for (int i = _keys.Length - 1; i >= 0; i--)
        {
            ref Key key = ref _keys[i];
            while (key.Due < end)
            {
                ref int first = ref _firstOfRound[(int)(key.Due - _round)];
                _turns[count] = new Turn((ushort)i, first);
                first = count++;
                Advance(ref key);
            }
        }

        _round = end;
        return PutInOrder(count);
    }

    private ReadOnlySpan<ushort> PutInOrder(int count)
    {
        int next = 0;
        foreach (int first in _firstOfRound)
        {
            for (int turn = first; turn != None; turn = _turns[turn].Next)
            {
                _inOrder[next++] = _turns[turn].Key;
            }
        }

        return _inOrder.AsSpan(0, count);
    }

    /// <summary>Finds the round of a key's next turn. The quotient may be off by a rounding, so the products decide; a share of 0 makes it infinite, and is never due again.</summary>
    private void Advance(ref Key key)
    {
        key.Cost += _heaviest;
        double round = Math.Ceiling(key.Cost / key.Share);
        if ((round - 1) * key.Share >= key.Cost)
        {
            round--;
        }
        else if (round * key.Share < key.Cost)
        {
            round++;
        }

        key.Due = Math.Max(round, key.Due + 1);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Key
    {
        public double Share;
        public double Cost;
        public double Due;
    }

    private readonly record struct Turn(ushort Key, int Next);
}
