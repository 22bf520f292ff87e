using System.Buffers;
using System.Text;

namespace LoadBalancing.Client.Balancing.Subsets;

/// <summary>
/// Chooses the part of a list that one client uses: in each priority tier the backends whose XXH64 of the id, with the client's own seed, is the least. So each backend is in as many clients' subsets as any other, but for chance,
/// and who comes or goes changes at most its own place in each of them. Neither the order of the list nor health plays a part. Source: gRPC's <c>random_subsetting</c> (gRFC A68), for each tier by itself.
/// </summary>
/// <remarks>
/// Where traffic stays in its zone, the tier's places are dealt out to its zones in proportion to their backends, or chance would make a client's zone look too small, and send a part of its traffic elsewhere. What is left of whole
/// places is rounded by systematic sampling from the seed: each zone has its exact share on average over all clients. There, a change in one zone can also move a place of another one.
/// A backend of weight 0 takes no place: it stays while it is before the last that has one, and another one has the place meanwhile.
/// </remarks>
/// <param name="size">How many of each tier; at least 1.</param>
/// <param name="seed">The client's.</param>
/// <param name="zoneOf">Names the zone of a backend; nothing where zones play no part.</param>
internal sealed class Subset(int size, ulong seed, Func<Backend, string>? zoneOf)
{
    private const int StackBytes = 256;

    /// <summary>How many of each tier.</summary>
    public int Size => size;

    /// <summary>Parts a list, in its order; of several with the same id, all are in the same part.</summary>
    public void Split(IReadOnlyList<Backend> listed, out IReadOnlyList<Backend> members, out IReadOnlyList<Backend> outside)
    {
        members = listed;
        outside = [];
        if (listed.Count <= size)
        {
            return;
        }

        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (IGrouping<int, Ranked> tier in listed.DistinctBy(backend => backend.Id, StringComparer.Ordinal).Select(backend => new Ranked(backend, RankOf(backend.Id))).GroupBy(ranked => ranked.Backend.Priority))
        {
            TakeTier([.. tier], ids);
        }

        ILookup<bool, Backend> parts = listed.ToLookup(backend => ids.Contains(backend.Id));
        members = [.. parts[true]];
        outside = [.. parts[false]];
    }

    private static void Take(IEnumerable<Ranked> ranked, int places, HashSet<string> ids)
    {
        foreach (Ranked next in ranked.OrderBy(next => next.Rank).ThenBy(next => next.Backend.Id, StringComparer.Ordinal))
        {
            places -= next.Backend.Weight > 0 ? 1 : 0;
            if (places < 0)
            {
                return;
            }

            ids.Add(next.Backend.Id);
        }
    }

    private void TakeTier(Ranked[] tier, HashSet<string> ids)
    {
        int wanted = tier.Count(ranked => ranked.Backend.Weight > 0);
        if (zoneOf is null || wanted <= size)
        {
            Take(tier, size, ids);
            return;
        }

        // Each zone has a stretch of the line from 0 to the number of places; a point is drawn on the first unit, and there is one every unit from there. As many as lie on its stretch, so many places has the zone.
        double point = (XxHash64.Remix(seed) >> 11) * (1.0 / (1UL << 53));
        int before = 0;
        int placesBefore = 0;
        foreach (IGrouping<string, Ranked> zone in tier.GroupBy(ranked => zoneOf(ranked.Backend), StringComparer.Ordinal).OrderBy(zone => zone.Key, StringComparer.Ordinal))
        {
            before += zone.Count(ranked => ranked.Backend.Weight > 0);
            int places = (int)Math.Floor(((double)size * before / wanted) + point);
            Take(zone, places - placesBefore, ids);
            placesBefore = places;
        }
    }

    private ulong RankOf(string id)
    {
        int capacity = Encoding.UTF8.GetMaxByteCount(id.Length);
        byte[]? rented = capacity > StackBytes ? ArrayPool<byte>.Shared.Rent(capacity) : null;
        Span<byte> bytes = rented ?? stackalloc byte[StackBytes];
        ulong rank = XxHash64.Hash(bytes[..Encoding.UTF8.GetBytes(id, bytes)], seed);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return rank;
    }

    private readonly record struct Ranked(Backend Backend, ulong Rank);
}
