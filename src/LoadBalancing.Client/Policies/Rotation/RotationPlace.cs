namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>A place in a rotation: between the one that had its turn last and the one that has it next.</summary>
/// <param name="Order">Who has its turn after whom, over and over; at least one.</param>
/// <param name="Next">Whose turn is next, as an index.</param>
internal readonly record struct RotationPlace(BackendState[] Order, int Next)
{
    /// <summary>
    /// Finds the same place in another rotation: after the one that had its turn last; if it is gone, before the first of those that would have come next and are still there.
    /// So nobody who stays is passed over. Of one that has several turns, the one that is nearest to the same part of the cycle counts.
    /// </summary>
    /// <returns>Whose turn is next, as an index into <paramref name="order"/>; -1 if nobody is in both.</returns>
    public int FindIn(BackendState[] order)
    {
        int next = Next;
        int found = FindTurn(order, Order[next == 0 ? ^1 : next - 1], after: 1);
        if (found >= 0)
        {
            return found;
        }

        HashSet<BackendState> there = [.. order];
        BackendState? first = Order[next..].Concat(Order[..next]).FirstOrDefault(there.Contains);
        return first is null ? -1 : FindTurn(order, first, after: 0);
    }

    private int FindTurn(BackendState[] order, BackendState backend, int after)
    {
        double part = (double)Next / Order.Length;
        int nearest = -1;
        double least = double.PositiveInfinity;
        for (int i = Array.IndexOf(order, backend); i >= 0; i = Array.IndexOf(order, backend, i + 1))
        {
            int turn = (i + after) % order.Length;
            double apart = Math.Abs(((double)turn / order.Length) - part);
            apart = Math.Min(apart, 1 - apart);
            if (apart < least)
            {
                least = apart;
                nearest = turn;
            }
        }

        return nearest;
    }
}
