namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Measures what the current thread allocates.</summary>
internal static class Allocations
{
    private const int Rounds = 300;

    /// <summary>
    /// Passes once a whole round of calls has allocated nothing. The first rounds may: caches fill, and code that is not optimised yet boxes. Code that really allocates never passes.
    /// </summary>
    public static void ShouldBeZero(Action action) => ShouldBeZero(1_000, action);

    /// <inheritdoc cref="ShouldBeZero(Action)"/>
    public static void ShouldBeZero(int perRound, Action action)
    {
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < perRound; i++)
            {
                action();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated == 0)
            {
                return;
            }
        }

        allocated.ShouldBe(0, $"bytes in {perRound} calls, after {(Rounds - 1) * perRound} calls before");
    }
}
