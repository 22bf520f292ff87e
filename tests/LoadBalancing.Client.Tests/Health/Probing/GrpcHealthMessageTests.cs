using System.Text;
using LoadBalancing.Client.Health.Probing;

namespace LoadBalancing.Client.Tests.Health.Probing;

public sealed class GrpcHealthMessageTests
{
    [Fact]
    public void Ask_NoService_IsAnEmptyMessage() => GrpcHealthMessage.Ask("").ShouldBe(new byte[5]);

    [Fact]
    public void Ask_Service_IsFieldOne() => GrpcHealthMessage.Ask("orders").ShouldBe([0, 0, 0, 0, 8, 0x0A, 6, .. "orders"u8]);

    [Fact]
    public void Ask_LongName_HasALengthOfTwoBytes()
    {
        string name = new('a', 300);

        GrpcHealthMessage.Ask(name).ShouldBe([0, 0, 0, 0x01, 0x2F, 0x0A, 0xAC, 0x02, .. Encoding.UTF8.GetBytes(name)]);
    }

    [Theory]
    [InlineData("0801", "")]
    [InlineData("0802", "NOT_SERVING")]
    [InlineData("0803", "SERVICE_UNKNOWN")]
    [InlineData("0800", "UNKNOWN")]
    [InlineData("", "UNKNOWN")]
    [InlineData("0809", "9")]
    [InlineData("08020801", "")]
    [InlineData("1203616263080110051D00000000210000000000000000", "")]
    [InlineData("08", "not a health answer")]
    [InlineData("0B", "not a health answer")]
    [InlineData("12FFFF", "not a health answer")]
    [InlineData("12FFFFFFFFFFFFFFFFFF01", "not a health answer")]
    [InlineData("1D0000", "not a health answer")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFF", "not a health answer")]
    public void Judge_Message_IsHealthyOnlyWhenServing(string hex, string cause)
    {
        ProbeResult result = GrpcHealthMessage.Judge(Convert.FromHexString(hex));

        result.IsHealthy.ShouldBe(cause.Length == 0);
        result.Cause.ShouldBe(cause);
    }

    [Theory]
    [InlineData("0000000002" + "0801", "0801")]
    [InlineData("0000000000", "")]
    [InlineData("0100000002" + "0801", null)]
    [InlineData("0000000003" + "0801", null)]
    [InlineData("0000000001" + "0801", null)]
    [InlineData("00000000", null)]
    [InlineData("", null)]
    public async Task ReadAsync_Frame_IsWholeAndNotCompressed(string hex, string? message)
    {
        using ByteArrayContent content = new(Convert.FromHexString(hex));

        byte[]? read = await GrpcHealthMessage.ReadAsync(content, default);

        (read is null ? null : Convert.ToHexString(read)).ShouldBe(message);
    }

    [Fact]
    public async Task ReadAsync_EndlessAnswer_IsCutOff()
    {
        using ByteArrayContent content = new(new byte[1_000_000]);

        (await GrpcHealthMessage.ReadAsync(content, default)).ShouldBeNull();
    }
}
