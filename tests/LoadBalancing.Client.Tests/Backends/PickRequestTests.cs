using System.Buffers.Binary;
using System.Text;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Backends;

public sealed class PickRequestTests
{
    [Fact]
    public void Default_AsksForAny()
    {
        default(PickRequest).Hash.ShouldBeNull();
        default(PickRequest).Excluded.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(84)]
    [InlineData(85)]
    [InlineData(86)]
    [InlineData(1000)]
    public void ForKey_Text_IsTheHashOfItsUtf8(int length)
    {
        foreach (string letter in new[] { "a", "é", "€", "\ud83d\ude00" })
        {
            string key = string.Concat(Enumerable.Repeat(letter, length));

            PickRequest.ForKey(key).Hash.ShouldBe(XxHash64.Hash(Encoding.UTF8.GetBytes(key)));
        }
    }

    [Fact]
    public void ForKey_Text_IsAsTheReferenceSays() => PickRequest.ForKey("héllo €").Hash.ShouldBe(0xC2442EAC6AABCDCBUL);

    [Fact]
    public void ForKey_Number_IsTheHashOfItsBytesLeastSignificantFirst()
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 0x0102030405060708);

        PickRequest.ForKey(0x0102030405060708).Hash.ShouldBe(XxHash64.Hash(bytes));
        PickRequest.ForKey(bytes.AsSpan()).Hash.ShouldBe(XxHash64.Hash(bytes));
    }

    [Fact]
    public void ForKey_ShortOrLongText_AllocatesNothing()
    {
        string longKey = new('x', 500);

        Allocations.ShouldBeZero(() => _ = PickRequest.ForKey("user-4711"));
        Allocations.ShouldBeZero(() => _ = PickRequest.ForKey(longKey));
    }

    [Fact]
    public void ForKey_Null_Throws() => Should.Throw<ArgumentNullException>(() => PickRequest.ForKey((string)null!));
}
