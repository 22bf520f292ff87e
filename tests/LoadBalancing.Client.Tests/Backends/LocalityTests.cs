namespace LoadBalancing.Client.Tests.Backends;

public sealed class LocalityTests
{
    [Fact]
    public void Default_AndEmptyStrings_AreEqual()
    {
        Locality[] empty = [new(), new("", "", ""), new() { Region = "" }, new(null!, null!, null!)];

        empty.ShouldAllBe(locality => locality == default && locality.GetHashCode() == default(Locality).GetHashCode());
        default(Locality).Region.ShouldBe("");
        default(Locality).Zone.ShouldBe("");
        default(Locality).SubZone.ShouldBe("");
        default(Locality).ToString().ShouldBe("unknown");
    }

    [Fact]
    public void Equals_DifferentCase_IsFalse() => new Locality("eu", "a").ShouldNotBe(new Locality("EU", "a"));

    [Fact]
    public void ToString_RegionAndZone_JoinsThem() => new Locality("eu-1", "eu-1a").ToString().ShouldBe("eu-1/eu-1a");
}
