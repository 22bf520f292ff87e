namespace LoadBalancing.Client.Testing;

/// <summary>What <see cref="FloorRules"/> found.</summary>
/// <param name="Violations">One line each: file, line, the type or member used, and both folders.</param>
/// <param name="CrossFolderUses">How many uses of another folder were resolved, allowed or not.</param>
public sealed record FloorReport(IReadOnlyList<string> Violations, int CrossFolderUses);
