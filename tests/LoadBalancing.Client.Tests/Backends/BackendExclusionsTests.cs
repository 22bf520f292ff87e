using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Backends;

public sealed class BackendExclusionsTests
{
    private readonly BackendState[] _backends = [.. Pools.DescribeMany(8).Select(description => new BackendState(description))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void With_SoMany_ContainsTheseAndNoOther(int count)
    {
        BackendExclusions excluded = Pools.Exclude(_backends.Take(count));

        excluded.Count.ShouldBe(count);
        excluded.IsEmpty.ShouldBe(count == 0);
        _backends.Index().ShouldAllBe(item => excluded.Contains(item.Item) == item.Index < count);
    }

    [Fact]
    public void With_OneThatIsThere_ChangesNothing()
    {
        BackendExclusions excluded = Pools.Exclude(_backends.Take(6));

        _backends.Take(6).ShouldAllBe(backend => excluded.With(backend).Count == 6);
    }

    [Fact]
    public void With_Branching_LeavesTheOriginalAlone()
    {
        BackendExclusions five = Pools.Exclude(_backends.Take(5));

        BackendExclusions left = five.With(_backends[5]);
        BackendExclusions right = five.With(_backends[6]);

        left.Contains(_backends[6]).ShouldBeFalse();
        right.Contains(_backends[5]).ShouldBeFalse();
        five.Count.ShouldBe(5);
    }

    [Fact]
    public void With_FourOfThem_AllocatesNothing() =>
        Allocations.ShouldBeZero(() => _ = default(BackendExclusions).With(_backends[0]).With(_backends[1]).With(_backends[2]).With(_backends[3]).With(_backends[3]));

    [Fact]
    public void With_Null_Throws()
    {
        Should.Throw<ArgumentNullException>(() => default(BackendExclusions).With(null!));
        Should.Throw<ArgumentNullException>(() => default(BackendExclusions).Contains(null!));
    }
}
