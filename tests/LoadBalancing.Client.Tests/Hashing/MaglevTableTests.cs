using System.Globalization;
using System.Text;
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

    /// <summary>Weights from 1 to 1000, most of them equal or nearly so, and some much above the others: then it is computed whose turn it is.</summary>
    [Fact]
    public void Build_AnyWeights_IsThePlainTable() =>
        Prop.ForAll<byte[], PositiveInt>((bytes, size) =>
        {
            WeightedKey[] keys = Keys([1, .. bytes.Select(value => value < 224 ? 1 + (value % 7) : Math.Pow(1000, (value - 223) / 32.0))]);
            int slots = Prime(size.Get * 53);

            return OwnersOf(MaglevTable.Build(keys, slots)).SequenceEqual(PlainTable(keys, slots));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));

    [Theory]
    [InlineData(997, 1000.0, 1.0)]
    [InlineData(9_973, 1e9, 1.0)]
    [InlineData(9_973, 1e308, 5e-324)]
    [InlineData(9_973, 49.0, 0.1)]
    [InlineData(100_003, 1000.0, 0.3)]
    [InlineData(7, 1000.0, 1.0)]
    public void Build_OneFarAboveTheOthers_IsThePlainTable(int size, double heavy, double light)
    {
        foreach (int heavyOnes in (int[])[1, 2, 7])
        {
            WeightedKey[] keys = Keys([.. Enumerable.Range(0, 300).Select(index => index % (300 / heavyOnes) == 5 ? heavy : light)]);

            OwnersOf(MaglevTable.Build(keys, size)).ShouldBe(PlainTable(keys, size));
        }
    }

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

    private static int Prime(int atLeast) => Enumerable.Range(atLeast, 1_000).First(MaglevTable.IsValidSize);

    /// <summary>Envoy's algorithm as it stands there: every key is asked in every round.</summary>
    private static int[] PlainTable(WeightedKey[] keys, int size)
    {
        double[] shares = WeightShares.Of(keys);
        double heaviest = shares.Max();
        int[] order = [.. Enumerable.Range(0, keys.Length).OrderBy(index => keys[index].Key, StringComparer.Ordinal)];
        ulong[] starts = Array.ConvertAll(order, index => XxHash64.Hash(Encoding.UTF8.GetBytes(keys[index].Key)) % (ulong)size);
        ulong[] skips = Array.ConvertAll(order, index => (XxHash64.Hash(Encoding.UTF8.GetBytes(keys[index].Key), 1) % (ulong)(size - 1)) + 1);
        ulong[] next = new ulong[keys.Length];
        double[] targets = new double[keys.Length];
        int[] slots = new int[size];
        Array.Fill(slots, -1);
        int left = size;
        for (int round = 1; left > 0; round++)
        {
            for (int i = 0; i < order.Length && left > 0; i++)
            {
                if (round * shares[order[i]] < targets[i])
                {
                    continue;
                }

                targets[i] += heaviest;
                ulong slot;
                do
                {
                    slot = (starts[i] + (skips[i] * next[i]++)) % (ulong)size;
                }
                while (slots[slot] >= 0);

                slots[slot] = order[i];
                left--;
            }
        }

        return slots;
    }

    private static int[] OwnersOf(MaglevTable table) => [.. Enumerable.Range(0, table.Length).Select(table.OwnerAt)];
}
