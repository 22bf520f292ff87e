using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class HtmlTests
{
    [Theory]
    [InlineData("td", "<td></td>")]
    [InlineData("td.best", "<td class=\"best\"></td>")]
    [InlineData("wbr", "<wbr />")]
    public void Element_WithoutContent_ClosesAsItMustInAPage(string name, string markup) => Html.Element(name).ToString(SaveOptions.DisableFormatting).ShouldBe(markup);

    [Fact]
    public void Element_TextThatXmlCannotHold_IsReplaced() => Html.Element("p", "a\u0000<b>\uDC00").ToString(SaveOptions.DisableFormatting).ShouldBe("<p>a\uFFFD&lt;b&gt;\uFFFD</p>");

    [Fact]
    public void Policy_WithOptions_MayBreakBeforeThem() => Html.Element("b", Html.Policy("peak_ewma:Decay=00:00:05")).ToString(SaveOptions.DisableFormatting).ShouldBe("<b>peak_ewma:<wbr />Decay=00:00:05</b>");
}
