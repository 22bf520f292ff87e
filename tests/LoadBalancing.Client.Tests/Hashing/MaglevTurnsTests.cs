using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Tests.Hashing;

public sealed class MaglevTurnsTests
{
    private const int Turns = 50_000;

    /// <summary>A key whose share is a whole fraction of the largest is due where two sums meet, and rounding decides which of them is above: it must decide as it does when every key is asked in every round.</summary>
    [Fact]
    public void Next_WholeFractionsOfTheLargest_IsTheOrderOfAskingAll()
    {
        for (int heaviest = 2; heaviest <= 50; heaviest++)
        {
            double[] shares = WeightShares.Of([1, 1, heaviest, .. Enumerable.Repeat(1.0, 57)]);

            Take(new MaglevTurns(shares, shares.Max(), 10), Turns).ShouldBe(AskAll(shares, Turns));
        }
    }

    [Fact]
    public void Next_AnyShares_IsTheOrderOfAskingAll() =>
        Prop.ForAll<byte[], PositiveInt>((weights, rounds) =>
        {
            double[] shares = WeightShares.Of([1, .. weights.Select(weight => weight < 200 ? weight / 200.0 : Math.Pow(1.2, weight - 200))]);

            return Take(new MaglevTurns(shares, shares.Max(), rounds.Get), 5_000).SequenceEqual(AskAll(shares, 5_000));
        }).QuickCheckThrowOnFailure();

    /// <summary>Keys that are never due again after their first turn, by far or for good.</summary>
    [Fact]
    public void Next_SharesOfNextToNothing_AreDueOnceOnly()
    {
        double[] shares = [0, 1, 5e-324, 1e-300, 1e-9];

        Take(new MaglevTurns(shares, 1, 7), Turns).ShouldBe([0, 1, 2, 3, 4, .. Enumerable.Repeat(1, Turns - 5)]);
    }

    private static List<int> Take(MaglevTurns turns, int count)
    {
        List<int> taken = [];
        while (taken.Count < count)
        {
            foreach (ushort key in turns.Next())
            {
                taken.Add(key);
            }
        }

        return taken[..count];
    }

    private static List<int> AskAll(double[] shares, int count)
    {
        double heaviest = shares.Max();
        double[] costs = new double[shares.Length];
        List<int> taken = [];
        for (int round = 1; taken.Count < count; round++)
        {
            for (int key = 0; key < shares.Length; key++)
            {
                if (round * shares[key] >= costs[key])
                {
                    costs[key] += heaviest;
                    taken.Add(key);
                }
            }
        }

        return taken[..count];
    }
}
