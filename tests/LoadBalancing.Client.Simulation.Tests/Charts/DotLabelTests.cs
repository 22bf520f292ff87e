using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class DotLabelTests
{
    private static readonly string[] Kinds = ["p50", "p90", "p99", "p99.9"];

    [Theory]
    [InlineData(0.1, 0.4, 0.65, 0.9, "p50 1, p90 2, p99 3, p99.9 4")]
    [InlineData(0.1, 0.11, 0.12, 0.9, "p50–p99 1–3, p99.9 4")]
    [InlineData(0, 0, 0, 0, "p50–p99.9 1–4")]
    public void CreateAll_InAWindow_SaysWhatEachIs(double p50, double p90, double p99, double p999, string texts) => Texts("label wide", p50, p90, p99, p999).ShouldBe(texts);

    /// <summary>Only the shape says what each is.</summary>
    [Theory]
    [InlineData(0.1, 0.4, 0.65, 0.9, "1, 2, 3, 4")]
    [InlineData(0.1, 0.11, 0.2, 0.9, "1–2, 3, 4")]
    [InlineData(1, 1, 1, 1, "1–4")]
    public void CreateAll_OnAPhone_IsShort(double p50, double p90, double p99, double p999, string texts) => Texts("label narrow", p50, p90, p99, p999).ShouldBe(texts);

    [Fact]
    public void CreateAll_AtTheEdges_StaysInside() => Create(0, 0.3, 0.6, 1).Where(label => label.Style == "label wide").Select(label => label.Anchor).ShouldBe(["start", "middle", "middle", "end"]);

    private static string Texts(string style, params double[] places) => string.Join(", ", Create(places).Where(label => label.Style == style).Select(label => label.Text));

    private static DotLabel[] Create(params double[] places) => [.. DotLabel.CreateAll(Kinds, new DotRow("x", "", places, ["1", "2", "3", "4"]), places, [0, 1, 2, 3])];
}
