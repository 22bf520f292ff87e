using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class PickFirstTests
{
    private readonly BackendState[] _backends = [.. Pools.DescribeMany(4).Select(description => new BackendState(description))];
    private readonly PickerFactory _factory = new PickFirstPolicy().CreateFactory(new Random(1));

    [Fact]
    public void Pick_Always_IsTheFirstListed()
    {
        Picker picker = _factory.CreatePicker(SetOf(0, 1, 2));

        Enumerable.Range(0, 10).ShouldAllBe(_ => picker.Pick(default) == _backends[0]);
    }

    [Fact]
    public void Pick_FirstIsLostAndComesBack_StaysWithTheSecond()
    {
        _factory.CreatePicker(SetOf(0, 1, 2)).Pick(default).ShouldBe(_backends[0]);
        _factory.CreatePicker(SetOf(1, 2)).Pick(default).ShouldBe(_backends[1]);

        _factory.CreatePicker(SetOf(0, 1, 2)).Pick(default).ShouldBe(_backends[1]);
    }

    [Fact]
    public void Pick_ListReordered_StaysWithTheSame()
    {
        _factory.CreatePicker(SetOf(0, 1, 2)).Pick(default).ShouldBe(_backends[0]);

        _factory.CreatePicker(SetOf(2, 1, 0)).Pick(default).ShouldBe(_backends[0]);
    }

    [Fact]
    public void Pick_CurrentIsExcluded_TakesTheNextForThisRequestAlone()
    {
        Picker picker = _factory.CreatePicker(SetOf(0, 1, 2));

        picker.Pick(Pools.Without(_backends[0])).ShouldBe(_backends[1]);
        picker.Pick(Pools.Without(_backends[0], _backends[1])).ShouldBe(_backends[2]);
        picker.Pick(default).ShouldBe(_backends[0]);
    }

    [Fact]
    public void Pick_TwoPools_KeepsACurrentBackendForEach()
    {
        _factory.CreatePicker(SetOf(0, 1)).Pick(default).ShouldBe(_backends[0]);
        _factory.CreatePicker(SetOfPool(1, 2, 3)).Pick(default).ShouldBe(_backends[2]);

        _factory.CreatePicker(SetOf(1, 0)).Pick(default).ShouldBe(_backends[0]);
        _factory.CreatePicker(SetOfPool(1, 3, 2)).Pick(default).ShouldBe(_backends[2]);
    }

    private BackendSet SetOf(params int[] indexes) => SetOfPool(0, indexes);

    private BackendSet SetOfPool(int pool, params int[] indexes)
    {
        BackendState[] states = Array.ConvertAll(indexes, index => _backends[index]);
        return new BackendSet(states, states, Array.ConvertAll(indexes, _ => 1.0), pool);
    }
}
