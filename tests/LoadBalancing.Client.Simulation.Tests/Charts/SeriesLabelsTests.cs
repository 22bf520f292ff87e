using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class SeriesLabelsTests
{
    [Fact]
    public void Spread_AnyLabels_AreApartAndInsideIfThereIsRoom() => Check.QuickThrowOnFailure(Prop.ForAll(Gen.ListOf(Gen.Choose(0, 100)).ToArbitrary(), wanted =>
    {
        (double Wanted, double Height)[] labels = [.. wanted.Select((place, index) => ((double)place, index % 2 == 0 ? 14.0 : 28.0))];

        double[] places = SeriesLabels.Spread(labels, 100);

        double total = labels.Sum(label => label.Height);
        (double Top, double Bottom)[] spans = [.. labels.Select((label, index) => (places[index] - (label.Height / 2), places[index] + (label.Height / 2))).Order()];
        spans.Zip(spans.Skip(1)).ShouldAllBe(pair => pair.First.Bottom <= pair.Second.Top + 1e-9);
        spans.ShouldAllBe(span => span.Bottom <= Math.Max(100, total) + 1e-9);
    }));

    [Fact]
    public void Spread_LabelsThatAreApart_StayWhereTheyBelong() => SeriesLabels.Spread([(80, 14), (20, 14)], 100).ShouldBe([80, 20]);
}
