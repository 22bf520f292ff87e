using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Tests.Hashing;

public sealed class MaglevTableTests
{
    [Fact]
    public void Build_SixKeysSevenSlots_IsTheKnownTable() =>
        OwnersOf(MaglevTable.Build(Keys(1, 1, 1, 1, 1, 1), 7)).ShouldBe([2, 4, 0, 1, 5, 0, 3]);

    [Fact]
    public void Build_ShortKeys_IsTheKnownTable() =>
        OwnersOf(MaglevTable.Build([.. Enumerable.Range(90, 6).Select(key => new WeightedKey(key.ToString(CultureInfo.InvariantCulture), 1))], 7)).ShouldBe([2, 5, 0, 3, 4, 1, 0]);

    [Fact]
    public void Build_Weights12_IsTheKnownTable() =>
        OwnersOf(MaglevTable.Build(Keys(1, 2), 17)).ShouldBe([1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]);

    [Fact]
    public void Build_Weights11_IsTheKnownTable() =>
        OwnersOf(MaglevTable.Build(Keys(1, 1), 17)).ShouldBe([1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1]);

    [Fact]
    public void Build_Weights82_IsTheKnownTable() =>
        OwnersOf(MaglevTable.Build(Keys(8, 2), 17)).ShouldBe([1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);

    [Fact]
    public void Build_KeysInAnyOrder_IsTheSameTable()
    {
        WeightedKey[] keys = Keys([.. Enumerable.Range(1, 50).Select(weight => (double)weight)]);
        WeightedKey[] reversed = [.. keys.Reverse()];

        int[] owners = OwnersOf(MaglevTable.Build(keys, 997));
        int[] ownersReversed = OwnersOf(MaglevTable.Build(reversed, 997));

        ownersReversed.Select(owner => reversed[owner].Key).ShouldBe(owners.Select(owner => keys[owner].Key));
    }

    [Fact]
    public void Build_MoreKeysThanSlots_GivesOneSlotEachToTheFirst()
    {
        WeightedKey[] keys = Keys([.. Enumerable.Repeat(1.0, 10)]);

        OwnersOf(MaglevTable.Build(keys, 7)).Order().ShouldBe([0, 1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void Build_MoreKeysThanASlotCanTell_LeavesOutTheLast()
    {
        WeightedKey[] keys = [.. Enumerable.Range(0, MaglevTable.MostKeys + 10).Select(index => new WeightedKey(index.ToString("D8", CultureInfo.InvariantCulture), 1))];

        OwnersOf(MaglevTable.Build(keys, 131_071)).Distinct().Count().ShouldBe(MaglevTable.MostKeys);
    }

    [Fact]
    public void Build_NoKeys_HasNoPlaces()
    {
        MaglevTable table = MaglevTable.Build([], 7);

        table.Length.ShouldBe(0);
        table.OwnerAt(table.Find(ulong.MaxValue)).ShouldBe(0);
    }

    [Theory]
    [InlineData(1e308, 1e308)]
    [InlineData(5e-324, 5e-324)]
    public void Build_ExtremeEqualWeights_IsTheTableOfEqualWeights(double first, double second) =>
        OwnersOf(MaglevTable.Build(Keys(first, second), 17)).ShouldBe(OwnersOf(MaglevTable.Build(Keys(1, 1), 17)));

    [Fact]
    public void Build_AnyWeights_FillsEverySlotInProportion() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            double[] weights = [1, .. bytes.Take(200).Select(value => 1.0 + value)];
            MaglevTable table = MaglevTable.Build(Keys(weights), 10_007);

            int[] counts = new int[weights.Length];
            for (int slot = 0; slot < table.Length; slot++)
            {
                counts[table.OwnerAt(slot)]++;
            }

            // Rounds are whole, so a key may be off by a slot or two, more where the table is small for the number of keys.
            counts.Sum().ShouldBe(10_007);
            double total = weights.Sum();
            return counts.Index().All(item => item.Item >= 1 && Math.Abs(item.Item - (10_007 * weights[item.Index] / total)) <= 2 + (0.02 * item.Item));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(251)]
    [InlineData(65_537)]
    [InlineData(131_071)]
    public void Find_AnyHash_IsItsRemainder(int size)
    {
        MaglevTable table = MaglevTable.Build(Keys(1), size);
        ulong top = ulong.MaxValue - (ulong.MaxValue % (ulong)size);
        foreach (ulong hash in (ulong[])[0, 1, (ulong)size - 1, (ulong)size, top - 1, top, top - (ulong)size, ulong.MaxValue, .. Enumerable.Range(0, 10_000).Select(i => XxHash64.Remix((ulong)i))])
        {
            table.Find(hash).ShouldBe((int)(hash % (ulong)size));
        }
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(65_537, true)]
    [InlineData(5_000_011, true)]
    [InlineData(1, false)]
    [InlineData(0, false)]
    [InlineData(-7, false)]
    [InlineData(65_536, false)]
    [InlineData(4_999_696, false)]
    [InlineData(5_000_077, false)]
    public void IsValidSize_Primes_UpToTheLargest(int size, bool expected) => MaglevTable.IsValidSize(size).ShouldBe(expected);

    private static WeightedKey[] Keys(params double[] weights) =>
        [.. weights.Select((weight, index) => new WeightedKey(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{90 + index}"), weight))];

    private static int[] OwnersOf(MaglevTable table) => [.. Enumerable.Range(0, table.Length).Select(table.OwnerAt)];
}
