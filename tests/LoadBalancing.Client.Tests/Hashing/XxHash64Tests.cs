using System.Buffers.Binary;

namespace LoadBalancing.Client.Tests.Hashing;

/// <summary>The vectors are those of the reference implementation's sanity check (Cyan4973/xxHash), over its generated buffer.</summary>
public sealed class XxHash64Tests
{
    private const ulong Seed = 2654435761;

    [Theory]
    [InlineData(0, 0xEF46DB3751D8E999UL, 0xAC75FDA2929B17EFUL)]
    [InlineData(1, 0xE934A84ADB052768UL, 0x5014607643A9B4C3UL)]
    [InlineData(2, 0x5D48CD60A77E23FFUL, 0x9E93152232D54A39UL)]
    [InlineData(3, 0xFF7E1959CB50794AUL, 0xAA8584E83660F7D1UL)]
    [InlineData(4, 0x9136A0DCA57457EEUL, 0xCAAB286BD8E9FDB5UL)]
    [InlineData(5, 0x9B046FB1397F09A5UL, 0x2AF5249930F984ECUL)]
    [InlineData(7, 0x6C83909A9F01ED25UL, 0xF98D03B1AD6F9293UL)]
    [InlineData(8, 0xCDBCF538E71D1348UL, 0xFE0C047A5353CDACUL)]
    [InlineData(9, 0x554B1AE991EDA6B6UL, 0x7908265248F6D73FUL)]
    [InlineData(11, 0x6345D5746F35DA70UL, 0xEAA08A8C8BE3CCCFUL)]
    [InlineData(12, 0x0723BF50086EAD9AUL, 0x8252819F4E506951UL)]
    [InlineData(14, 0x8282DCC4994E35C8UL, 0xC3BD6BF63DEB6DF0UL)]
    [InlineData(15, 0x180719316D622D84UL, 0xD61105C20E91F99FUL)]
    [InlineData(16, 0x98C90B57FDFCB55CUL, 0xC900AD2D536B607EUL)]
    [InlineData(20, 0x5F8C68355769439EUL, 0x97218696C2D29602UL)]
    [InlineData(28, 0x64CD9E8C96A9E2DDUL, 0x8160FB8C20B48287UL)]
    [InlineData(31, 0x299B39A290E6D783UL, 0xDA673D5FEB5C1D79UL)]
    [InlineData(32, 0x18B216492BB44B70UL, 0xB3F33BDF93ADE409UL)]
    [InlineData(33, 0x55C8DC3E578F5B59UL, 0xE92C292F64BC3071UL)]
    [InlineData(36, 0x0AE67584084DC6A4UL, 0x57C73F9E3A6FC2C6UL)]
    [InlineData(40, 0x23B3810D7D8B1731UL, 0x5A57F246772BC540UL)]
    [InlineData(47, 0x84A42E167CBD1FEFUL, 0xA474B31A5132A541UL)]
    [InlineData(63, 0xA9EFBE0FA0F3F4E7UL, 0x6C911FADB05B6FC2UL)]
    [InlineData(64, 0xEF558F8ACAC2B5CDUL, 0xB5EEBA99264CC44FUL)]
    [InlineData(65, 0xDE0F20DC2631AF7AUL, 0xD3F6FF3941E310CAUL)]
    [InlineData(95, 0xFF9F46BDCC644624UL, 0x72E75A560EF624A3UL)]
    [InlineData(96, 0x105064E743EDD1D9UL, 0x8FF0B4ABEE6F03CCUL)]
    [InlineData(97, 0x097B16E4E9B0A2E3UL, 0x9704E5147FDCC4F4UL)]
    [InlineData(127, 0x3C7A21119AA662B0UL, 0xB0D6DC189C06CEEDUL)]
    [InlineData(128, 0x90CA021457D96DC5UL, 0xED9340A202BCD1CFUL)]
    [InlineData(222, 0xB641AE8CB691C174UL, 0x20CB8AB7AE10C14AUL)]
    [InlineData(4160, 0xEEE6A4E2AC952A5EUL, 0xA4CB59E19D6A35F9UL)]
    public void Hash_OfTheReferenceBuffer_IsAsTheReferenceSays(int length, ulong unseeded, ulong seeded)
    {
        byte[] data = ReferenceBuffer(length);

        XxHash64.Hash(data).ShouldBe(unseeded);
        XxHash64.Hash(data, Seed).ShouldBe(seeded);
    }

    [Fact]
    public void Hash_OfEveryLengthTo222_IsAsTheReferenceSays()
    {
        byte[] data = ReferenceBuffer(222);
        byte[] hashes = new byte[223 * 16];
        for (int length = 0; length <= 222; length++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hashes.AsSpan(length * 16), XxHash64.Hash(data.AsSpan(0, length)));
            BinaryPrimitives.WriteUInt64LittleEndian(hashes.AsSpan((length * 16) + 8), XxHash64.Hash(data.AsSpan(0, length), Seed));
        }

        // What the reference gives for all its hashes, without and with the seed, one after the other.
        XxHash64.Hash(hashes).ShouldBe(0x5053122B49244ACEUL);
    }

    [Fact]
    public void Hash_OfUnalignedMemory_IsTheSame()
    {
        byte[] data = ReferenceBuffer(100);
        byte[] shifted = [0, 0, 0, .. data];

        XxHash64.Hash(shifted.AsSpan(3)).ShouldBe(XxHash64.Hash(data));
    }

    [Fact]
    public void Remix_OfNearbyHashes_GivesDistinctValuesThatDiffer()
    {
        ulong[] remixed = [.. Enumerable.Range(0, 10_000).Select(value => XxHash64.Remix((ulong)value))];

        remixed.Distinct().Count().ShouldBe(remixed.Length);
        remixed.Index().ShouldAllBe(item => item.Item != (ulong)item.Index);
    }

    private static byte[] ReferenceBuffer(int length)
    {
        byte[] buffer = new byte[length];
        ulong generator = Seed;
        foreach (ref byte value in buffer.AsSpan())
        {
            value = (byte)(generator >> 56);
            generator = unchecked(generator * 11400714785074694797);
        }

        return buffer;
    }
}
