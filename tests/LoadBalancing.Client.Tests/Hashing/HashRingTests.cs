using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Tests.Hashing;

public sealed class HashRingTests
{
    private const int Largest = RingHashPolicy.LargestRing;

    [Fact]
    public void Build_SixKeysTwelvePoints_IsTheKnownRing() =>
        Describe(HashRing.Build(Keys(90, 1, 1, 1, 1, 1, 1), 12, 12), 90).ShouldBe(
            [
                "94@833437586790550860", "92@928266305478181108", "90@1033482794131418490", "95@3551244743356806947", "93@3851675632748031481", "91@5583722120771150861",
                "91@6311230543546372928", "93@7700377290971790572", "95@13144177310400110813", "92@13444792449719432967", "94@15516499411664133160", "90@16117243373044804889",
            ]);

    [Fact]
    public void Build_Weights123SixPoints_IsTheKnownRing() =>
        Describe(HashRing.Build(Keys(90, 1, 2, 3), 6, 6), 90).ShouldBe(
            ["92@928266305478181108", "92@4443673547860492590", "91@5583722120771150861", "91@6311230543546372928", "92@13444792449719432967", "90@16117243373044804889"]);

    [Theory]
    [InlineData(80, "80@5454692015285649509 81@7859399908942313493 80@13838424394637650569 81@16064866803292627174")]
    [InlineData(81, "81@7859399908942313493 82@8241336090459785962 82@12882406409176325258 81@16064866803292627174")]
    public void Build_TwoKeysThreePoints_IsRoundedUpToTheKnownRing(int firstPort, string expected) =>
        string.Join(' ', Describe(HashRing.Build(Keys(firstPort, 1, 1), 3, Largest), firstPort)).ShouldBe(expected);

    [Fact]
    public void Find_Weights123LargeRing_SpreadsAsKnown()
    {
        HashRing ring = HashRing.Build(Keys(90, 1, 2, 3), 6144, Largest);

        int[] counts = new int[3];
        for (ulong i = 0; i < 6000; i++)
        {
            counts[ring.OwnerAt(ring.Find(i * (ulong.MaxValue / 6000)))]++;
        }

        ring.Length.ShouldBe(6144);
        counts.ShouldBe([987, 1932, 3081]);
    }

    [Theory]
    [InlineData(0UL, 4)]
    [InlineData(ulong.MaxValue, 4)]
    [InlineData(3551244743356806947UL, 5)]
    [InlineData(3551244743356806948UL, 3)]
    [InlineData(16117243373044804880UL, 0)]
    [InlineData(16117243373044804890UL, 4)]
    public void Find_KnownRing_IsTheFirstPointNotBelow(ulong hash, int owner)
    {
        HashRing ring = HashRing.Build(Keys(90, 1, 1, 1, 1, 1, 1), 12, 12);

        ring.OwnerAt(ring.Find(hash)).ShouldBe(owner);
    }

    [Fact]
    public void Build_SharesThatAreNotWhole_GivesTheOddPointToTheEarlier()
    {
        HashRing ring = HashRing.Build(Keys(90, 1, 1), 1023, 1023);

        CountPoints(ring, 2).ShouldBe([512, 511]);
    }

    [Fact]
    public void Build_MoreKeysThanPoints_LeavesSomeOut()
    {
        HashRing ring = HashRing.Build(Keys(0, [127 * 1023, .. Enumerable.Repeat(1.0, 1023)]), 1024, 1024);

        int[] points = CountPoints(ring, 1024);
        ring.Length.ShouldBe(1024);
        points[0].ShouldBe(1016);
        points.Skip(1).Sum().ShouldBe(8);
    }

    [Fact]
    public void Build_AnyNumberOfEqualKeys_GivesAllTheSameNumberOfPoints()
    {
        for (int count = 1; count <= 300; count++)
        {
            HashRing ring = HashRing.Build(Keys(1, [.. Enumerable.Repeat(1.0, count)]), 1024, Largest);

            CountPoints(ring, count).ShouldAllBe(points => points == (1024 + count - 1) / count, $"{count} keys");
        }
    }

    [Fact]
    public void Build_NoKeys_HasNoPlaces()
    {
        HashRing ring = HashRing.Build([], 1024, Largest);

        ring.Length.ShouldBe(0);
        ring.OwnerAt(ring.Find(ulong.MaxValue)).ShouldBe(0);
        ring.OwnerAt(ring.Find(0)).ShouldBe(0);
    }

    [Theory]
    [InlineData(1e308, 1e308)]
    [InlineData(5e-324, 5e-324)]
    [InlineData(1e-310, 1e-310)]
    public void Build_ExtremeEqualWeights_IsTheRingOfEqualWeights(double first, double second) =>
        Describe(HashRing.Build(Keys(90, first, second), 64, 64), 90).ShouldBe(Describe(HashRing.Build(Keys(90, 1, 1), 64, 64), 90));

    [Fact]
    public void Build_WeightThatVanishesBesideAnother_StaysWithinTheLargestSize()
    {
        HashRing ring = HashRing.Build(Keys(90, 1e300, 1e-300), 16, 1000);

        CountPoints(ring, 2).ShouldBe([1000, 0]);
    }

    [Fact]
    public void Build_LongKey_HashesAllOfIt()
    {
        string key = new('é', 500);

        HashRing ring = HashRing.Build([new WeightedKey(key, 1)], 2, 2);

        ulong[] expected = [XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes($"{key}_0")), XxHash64.Hash(System.Text.Encoding.UTF8.GetBytes($"{key}_1"))];
        new[] { ring.HashAt(0), ring.HashAt(1) }.ShouldBe(expected.Order());
    }

    [Fact]
    public void Build_AnyWeights_IsSortedAndFindAgreesWithAScan() =>
        Prop.ForAll<byte[], ulong>((weights, hash) =>
        {
            HashRing ring = HashRing.Build(Keys(1, [.. weights.Select(weight => 1.0 + weight)]), 200, 5_000);
            ulong[] hashes = [.. Enumerable.Range(0, ring.Length).Select(ring.HashAt)];
            foreach (ulong sought in (ulong[])[hash, .. hashes.Take(50), .. hashes.Take(50).Select(point => point + 1), XxHash64.Remix(hash)])
            {
                int expected = Array.FindIndex(hashes, point => point >= sought);
                ring.Find(sought).ShouldBe(expected < 0 ? hashes.Length : expected);
            }

            hashes.ShouldBeInOrder();
            return weights.Length == 0 || ring.OwnerAt(ring.Length) == ring.OwnerAt(0);
        }).QuickCheckThrowOnFailure();

    private static WeightedKey[] Keys(int firstPort, params double[] weights) =>
        [.. weights.Select((weight, index) => new WeightedKey(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{firstPort + index}"), weight))];

    private static string[] Describe(HashRing ring, int firstPort) =>
        [.. Enumerable.Range(0, ring.Length).Select(place => string.Create(CultureInfo.InvariantCulture, $"{firstPort + ring.OwnerAt(place)}@{ring.HashAt(place)}"))];

    private static int[] CountPoints(HashRing ring, int keys)
    {
        int[] counts = new int[keys];
        for (int place = 0; place < ring.Length; place++)
        {
            counts[ring.OwnerAt(place)]++;
        }

        return counts;
    }
}
