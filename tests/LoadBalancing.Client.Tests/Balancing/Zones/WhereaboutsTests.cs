using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Tests.Balancing.Zones;

public sealed class WhereaboutsTests
{
    [Theory]
    [InlineData("", "unknown")]
    [InlineData("LOADBALANCING_REGION=eu-1;LOADBALANCING_ZONE= eu-1a ;LOADBALANCING_SUBZONE=rack 7", "eu-1/eu-1a/rack 7")]
    [InlineData("LOADBALANCING_ZONE=eu-1a", "eu-1a")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=service.name=shop, cloud.region=eu-1, cloud.availability_zone=eu%2D1a", "eu-1/eu-1a")]
    [InlineData("LOADBALANCING_ZONE=mine;OTEL_RESOURCE_ATTRIBUTES=cloud.region=eu-1,cloud.availability_zone=other", "mine")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=,=,cloud.availability_zone,%%%=%", "unknown")]
    public void Read_Variables_IsWhatTheySay(string variables, string locality)
    {
        Dictionary<string, string> values = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

        Whereabouts.Read(values.GetValueOrDefault).ToString().ShouldBe(locality);
    }
}
