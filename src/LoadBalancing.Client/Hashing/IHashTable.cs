namespace LoadBalancing.Client.Hashing;

/// <summary>
/// Maps a hash to a place in a circle of places, each of which belongs to one key. Implemented by structs, so that a picker is compiled for each. Immutable.
/// </summary>
internal interface IHashTable
{
    /// <summary>How many places there are; 0 without keys.</summary>
    int Length { get; }

    /// <summary>How many places a walk may look at beyond the first.</summary>
    int WalkLimit { get; }

    /// <summary>The place of a hash, from 0 to <see cref="Length"/>, which stands for place 0.</summary>
    int Find(ulong hash);

    /// <summary>The index of the key that owns a place, among the keys as they were given; 0 when there are none.</summary>
    int OwnerAt(int place);
}
