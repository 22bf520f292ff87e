using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class NamedTextTests
{
    [Fact]
    public void Create_Short_IsOneTextForAllWidths() => Texts("zone-a", "down").ShouldBe([("label", "zone-a down")]);

    [Fact]
    public void Create_TooLongForAPhone_HasAShorterOneForIt() => Texts("orders-eu-west-1-backend-12", "circuit open, up to 4 of 4 clients").ShouldBe(
        [("label wide", "orders-eu-west-1-backend-12 circuit open, up to 4 of 4 clients"), ("label narrow", "orde…d-12 circuit open, up to 4 of 4 cl…")]);

    private static (string, string)[] Texts(string name, string what) => [.. NamedText.Create(0, 0, name, what, "label").Select(text => (text.Attribute("class")!.Value, text.Value))];
}
