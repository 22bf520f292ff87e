using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.ScenarioFiles;

/// <summary>The files in <c>scenarios/</c>: what they say is to be seen can be seen.</summary>
public sealed class ScenarioFilesTests
{
    public static TheoryData<string> Files => [.. PlayedFiles.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_ItsDescription_IsTrueOfItsNumbers(string file) => ScenarioClaims.ByFile[file](new ScenarioPlay(file, seed: null));

    /// <summary>A claim that holds for one seed only is an accident.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    [Trait("Category", "Soak")]
    public void File_ItsDescription_IsTrueForOtherSeeds(string file)
    {
        for (long seed = 2; seed <= 6; seed++)
        {
            ScenarioClaims.ByFile[file](new ScenarioPlay(file, seed));
        }
    }

    [Fact]
    public void Files_EachHasAClaim_AndEachClaimAFile() => ScenarioClaims.ByFile.Keys.Order(StringComparer.Ordinal).ShouldBe(PlayedFiles.Names);

    [Theory]
    [MemberData(nameof(Files))]
    public void File_NameAndDescriptionAndPolicies_AreThere(string file)
    {
        Scenario scenario = Scenario.Load(PlayedFiles.PathOf(file));

        scenario.Name.ShouldBe(file);
        scenario.Description.ShouldNotBeNull();
        scenario.Policies.Count.ShouldBeGreaterThan(1);
        scenario.Seed.ShouldBe(1);
    }
}
