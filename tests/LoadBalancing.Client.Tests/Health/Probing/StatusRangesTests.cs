using LoadBalancing.Client.Health.Probing;

namespace LoadBalancing.Client.Tests.Health.Probing;

public sealed class StatusRangesTests
{
    [Theory]
    [InlineData("200-299", 200, true)]
    [InlineData("200-299", 299, true)]
    [InlineData("200-299", 199, false)]
    [InlineData("200-299", 300, false)]
    [InlineData("200-299,404", 404, true)]
    [InlineData("200-299,404", 403, false)]
    [InlineData(" 204 , 500 - 599 ", 204, true)]
    [InlineData(" 204 , 500 - 599 ", 599, true)]
    [InlineData("100", 100, true)]
    public void Contains_ByRange_IsAsWritten(string text, int status, bool expected)
    {
        StatusRanges.TryParse(text, out StatusRanges? statuses).ShouldBeTrue();

        statuses.ShouldNotBeNull().Contains(status).ShouldBe(expected);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("200,")]
    [InlineData("2xx")]
    [InlineData("299-200")]
    [InlineData("99")]
    [InlineData("600")]
    [InlineData("200-")]
    [InlineData("-200")]
    [InlineData("200-299-300")]
    public void TryParse_AnythingElse_IsRefused(string? text) => StatusRanges.TryParse(text, out _).ShouldBeFalse();
}
