using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Testing;

public sealed class ScriptedRandomTests
{
    [Fact]
    public void Next_Scripted_ReturnsTheScriptInOrder()
    {
        var random = new ScriptedRandom { Integers = [2, 5, long.MaxValue - 1], Doubles = [0.25, 0.5] };

        random.Next(3).ShouldBe(2);
        random.NextDouble().ShouldBe(0.25);
        random.Next(5, 6).ShouldBe(5);
        random.NextInt64().ShouldBe(long.MaxValue - 1);
        random.Remaining.ShouldBe(1);
        random.NextSingle().ShouldBe(0.5f);
        random.Remaining.ShouldBe(0);
    }

    [Fact]
    public void Next_ScriptRanOut_SaysAtWhichCall()
    {
        var random = new ScriptedRandom { Integers = [1] };
        random.Next();

        Should.Throw<InvalidOperationException>(() => random.Next(7))
            .Message.ShouldBe("The script has run out at Next(0, 7): all of its 1 values of this kind were drawn.");
    }

    [Fact]
    public void Next_ValueOutOfRange_Throws()
    {
        var random = new ScriptedRandom { Integers = [7] };

        Should.Throw<InvalidOperationException>(() => random.Next(7))
            .Message.ShouldBe("Scripted integer 1 is 7, which Next(0, 7) cannot return.");
    }

    [Fact]
    public void NextDouble_One_Throws() =>
        Should.Throw<InvalidOperationException>(() => new ScriptedRandom { Doubles = [1] }.NextDouble());

    [Fact]
    public void NextBytes_TenBytes_TakesTwoIntegers()
    {
        var random = new ScriptedRandom { Integers = [0x0807060504030201, 0x0A09] };
        byte[] buffer = new byte[10];

        random.NextBytes(buffer);

        buffer.ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
}
