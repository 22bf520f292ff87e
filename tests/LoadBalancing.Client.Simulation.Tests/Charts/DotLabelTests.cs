using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class DotLabelTests
{
    private static readonly string[] Kinds = ["p50", "p90", "p99", "p99.9"];

    [Fact]
    public void CreateAll_FarApart_HaveALabelEach() => Texts(0.1, 0.4, 0.65, 0.9).ShouldBe(["p50 1", "p90 2", "p99 3", "p99.9 4"]);

    [Fact]
    public void CreateAll_NearOneAnother_ShareOne() => Texts(0.1, 0.11, 0.12, 0.9).ShouldBe(["p50–p99 1–3", "p99.9 4"]);

    [Fact]
    public void CreateAll_AllAtOnePlace_ShareOne() => Texts(0, 0, 0, 0).ShouldBe(["p50–p99.9 1–4"]);

    [Fact]
    public void CreateAll_RoomOnlyInAWindow_HasLabelsForBoth()
    {
        DotLabel[] labels = Create(0.1, 0.2, 0.6, 0.9);

        labels.Where(label => label.Style == "label narrow").Select(label => label.Text).ShouldBe(["p50–p90 1–2", "p99 3", "p99.9 4"]);
        labels.Where(label => label.Style == "label wide").Select(label => label.Text).ShouldBe(["p50 1", "p90 2", "p99 3", "p99.9 4"]);
    }

    private static string[] Texts(params double[] places) => [.. Create(places).Select(label => label.Text)];

    private static DotLabel[] Create(params double[] places) => [.. DotLabel.CreateAll(Kinds, new DotRow("x", places, ["1", "2", "3", "4"]), places, [0, 1, 2, 3])];
}
