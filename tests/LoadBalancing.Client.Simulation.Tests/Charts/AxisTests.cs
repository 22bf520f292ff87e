using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class AxisTests
{
    private static readonly Gen<double> Positive = Gen.Choose(-60_000, 60_000).Select(exponent => Math.Pow(10, exponent / 10_000.0));

    [Fact]
    public void FromZero_AnyValue_CoversItWithRoundEvenTicks() => Check.QuickThrowOnFailure(Prop.ForAll(Positive.ToArbitrary(), highest =>
    {
        var axis = Axis.FromZero("x", highest);
        double step = axis.Ticks[1];
        double digits = step / Math.Pow(10, Math.Floor(Math.Log10(step * (1 + 1e-9))));

        axis.From.ShouldBe(0);
        axis.To.ShouldBeGreaterThanOrEqualTo(highest * (1 - 1e-6));
        axis.To.ShouldBeLessThan(highest * 1.67, "The data would use too little of the chart.");
        axis.Ticks.Count.ShouldBeInRange(3, 5);
        new[] { 1, 2, 2.5, 5 }.ShouldContain(round => Math.Abs(digits - round) < 1e-6);
        axis.Ticks.Select((tick, index) => Math.Abs(tick - (index * step)) / step).ShouldAllBe(difference => difference < 1e-6);
    }));

    [Fact]
    public void ForLatencies_AnyTwoValues_CoversBothInOrder() => Check.QuickThrowOnFailure(Prop.ForAll(Positive.ToArbitrary(), Positive.ToArbitrary(), (a, b) =>
    {
        (double low, double high) = (Math.Min(a, b), Math.Max(a, b));
        var axis = Axis.ForLatencies("x", [0, low, high]);

        axis.IsLogarithmic.ShouldBe(high / low >= 25);
        axis.From.ShouldBeLessThanOrEqualTo(low);
        axis.To.ShouldBeGreaterThanOrEqualTo(high * (1 - 1e-6));
        axis.PositionOf(low).ShouldBeLessThanOrEqualTo(axis.PositionOf(high));
        axis.Ticks.ShouldBeInOrder();
        axis.Ticks.ShouldAllBe(tick => axis.PositionOf(tick) >= 0 && axis.PositionOf(tick) <= 1);
        axis.Ticks.Count.ShouldBeInRange(2, 7);
        axis.From.ShouldBe(axis.Ticks[0]);
        axis.To.ShouldBe(axis.Ticks[^1]);
        axis.PositionOf(0).ShouldBe(0);
        axis.PositionOf(axis.To * 100).ShouldBe(1);
    }));

    [Theory]
    [InlineData(0.01, "0, 0.002, 0.004, 0.006, 0.008, 0.01", "time, s")]
    [InlineData(10, "0, 2, 4, 6, 8, 10", "time, s")]
    [InlineData(60, "0, 10, 20, 30, 40, 50, 60", "time, s")]
    [InlineData(95, "0, 20, 40, 60, 80", "time, s")]
    [InlineData(600, "0, 2, 4, 6, 8, 10", "time, min")]
    [InlineData(7200, "0, 20, 40, 60, 80, 100, 120", "time, min")]
    [InlineData(86_400, "0, 4, 8, 12, 16, 20, 24", "time, h")]
    public void OfTime_Duration_HasTicksOfClocks(double seconds, string ticks, string title)
    {
        var axis = Axis.OfTime(seconds);

        string.Join(", ", axis.Ticks.Select(axis.LabelOf)).ShouldBe(ticks);
        axis.Title.ShouldBe(title);
        axis.PositionOf(seconds).ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void FromZero_NothingToShow_StillHasLength(double highest) => Axis.FromZero("x", highest).To.ShouldBe(1);

    [Fact]
    public void ForLatencies_NoValues_StillHasLength() => Axis.ForLatencies("x", []).To.ShouldBe(1);

    [Fact]
    public void ForLatencies_WideRange_SaysThatItIsLogarithmic()
    {
        var axis = Axis.ForLatencies("latency, ms", [3, 700]);

        axis.Title.ShouldBe("latency, ms (log scale)");
        axis.Ticks.Select(axis.LabelOf).ShouldBe(["1", "10", "100", "1,000"]);
        axis.PositionOf(1).ShouldBe(0);
        axis.PositionOf(1000).ShouldBe(1);
    }

    [Fact]
    public void LabelOf_AnotherCulture_IsTheSame()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Axis.FromZero("x", 0.5).LabelOf(1234.5).ShouldBe("1,234.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
