using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>
/// The assemblies that stand in for Grpc.Core.Api and Grpc.Net.Common have all that the compiled libraries of gRPC use of these, as they use it. A missing type or member would be found where it is called,
/// a missing virtual member or another number of an enum never: so all of it is read from the libraries themselves. What generated code uses, the compiler checks.
/// </summary>
public sealed class StandInTests
{
    private static readonly string[] StandIns = ["Grpc.Core.Api", "Grpc.Net.Common"];

    public static TheoryData<string> Libraries => ["Grpc.Net.Client", "Grpc.AspNetCore.Server"];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Identity_OfEveryStandIn_IsTheOneThatTheLibraryRefersTo(string name)
    {
        using AssemblyFile library = new(name);
        foreach (string standIn in StandIns)
        {
            using AssemblyFile assembly = new(standIn);
            assembly.Identity.ShouldBe(library.FindReference(standIn).ShouldNotBeNull());
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Types_ThatTheLibraryRefersTo_AreThere(string name)
    {
        using AssemblyFile library = new(name);
        string[] used = [.. new LibraryUse(library, StandIns).Types];
        Surface surface = ReadSurface();

        used.Length.ShouldBeGreaterThan(25);
        used.Where(type => !surface.HasType(type)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Members_ThatTheLibraryRefersTo_AreThere(string name)
    {
        using AssemblyFile library = new(name);
        (string Type, string Member)[] used = [.. new LibraryUse(library, StandIns).Members];
        Surface surface = ReadSurface();

        used.Length.ShouldBeGreaterThan(50);
        used.Where(use => !surface.HasMember(use.Type, use.Member)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Overrides_OfTheLibrary_TakeThePlaceOfAMemberThatIsThere(string name)
    {
        using AssemblyFile library = new(name);
        (string Derived, string Type, string Member)[] overrides = [.. new LibraryUse(library, StandIns).Overrides];
        Surface surface = ReadSurface();

        overrides.Length.ShouldBeGreaterThan(15);
        overrides.Where(own => !surface.HasVirtual(own.Type, own.Member)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void AbstractMembers_OfTheStandIns_AreAllImplementedByTheLibrary(string name)
    {
        // A type that lacks one cannot be loaded.
        Assembly.Load(name).GetTypes().ShouldNotBeEmpty();
    }

    [Fact]
    public void StatusCodes_InTheLibrary_HaveTheSameNumbers()
    {
        // The library writes the names of codes into service configurations: that is its table.
        foreach (StatusCode code in Enum.GetValues<StatusCode>())
        {
            RetryPolicy policy = new() { RetryableStatusCodes = { code } };
            IList<object> names = (IList<object>)policy.Inner["retryableStatusCodes"];

            names.ShouldHaveSingleItem().ToString()!.Replace("_", "", StringComparison.Ordinal).ShouldBe(code.ToString(), StringCompareShould.IgnoreCase);
        }

        Enum.GetValues<StatusCode>().Length.ShouldBe(17);
    }

    [Theory]
    [InlineData("Disconnected.", ConnectivityState.Idle)]
    [InlineData("Passively connecting.", ConnectivityState.Connecting)]
    [InlineData("Passively connected.", ConnectivityState.Ready)]
    [InlineData("Subchannel disposed.", ConnectivityState.Shutdown)]
    public void ConnectivityStates_InTheLibrary_HaveTheSameNumbers(string saidOfIt, ConnectivityState state)
    {
        using AssemblyFile library = new("Grpc.Net.Client");

        Instructions.FindNumberBefore(library, saidOfIt).ShouldBe((int)state);
    }

    [Fact]
    public void TransientFailure_InTheLibrary_HasTheNumberThatIsLeft() => Enum.GetValues<ConnectivityState>().Select(state => (int)state).ShouldBe([0, 1, 2, 3, 4]);

    [Theory]
    [InlineData("HasClientStream", MethodType.ClientStreaming)]
    [InlineData("HasResponseStream", MethodType.ServerStreaming)]
    public void MethodTypes_InTheLibrary_HaveTheSameNumbers(string method, MethodType type)
    {
        using AssemblyFile library = new("Grpc.Net.Client");

        // It compares with two types, and then returns true.
        Instructions.ReadConstants(library, "Grpc.Net.Client.Internal.Retry.RetryCallBase`2", method).OfType<int>().ShouldBe([(int)type, (int)MethodType.DuplexStreaming, 1]);
    }

    [Fact]
    public void WriteFlags_InTheLibrary_HaveTheSameNumbers()
    {
        using AssemblyFile library = new("Grpc.Net.Client");

        Instructions.ReadConstants(library, "Grpc.Net.Client.Internal.GrpcProtocolHelpers", "CanWriteCompressed").OfType<int>().Distinct().ShouldContain((int)WriteFlags.NoCompress);
    }

    [Fact]
    public void BinaryHeaderSuffix_InTheLibrary_IsTheSame()
    {
        using AssemblyFile library = new("Grpc.Net.Client");

        Instructions.ReadConstants(library, "Grpc.Net.Client.Internal.GrpcProtocolHelpers", "BuildMetadata").ShouldContain(Metadata.BinaryHeaderSuffix);
    }

    private static Surface ReadSurface()
    {
        AssemblyFile[] assemblies = Array.ConvertAll(StandIns, name => new AssemblyFile(name));
        Surface surface = Surface.Read(assemblies);
        Array.ForEach(assemblies, assembly => assembly.Dispose());
        return surface;
    }
}
