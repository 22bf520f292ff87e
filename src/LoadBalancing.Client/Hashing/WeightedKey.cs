namespace LoadBalancing.Client.Hashing;

/// <summary>What a table is made from.</summary>
/// <param name="Key">The name that is hashed.</param>
/// <param name="Weight">Its share relative to the others; finite and above 0.</param>
internal readonly record struct WeightedKey(string Key, double Weight);
