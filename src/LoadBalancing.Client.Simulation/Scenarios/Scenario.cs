using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation;

/// <summary>What is simulated: traffic, backends, what happens to them, and the balancer's configuration. Read from JSON. Immutable, thread safe.</summary>
public sealed class Scenario
{
    private Scenario(ScenarioPlan plan) => Plan = plan;

    /// <summary>What it is called. The default value is the file's name.</summary>
    public string Name => Plan.Name;

    /// <summary>One line that says what to look for; <see langword="null"/>, the default, when the scenario says nothing of the kind.</summary>
    public string? Description => Plan.Description;

    /// <summary>The policies that it is meant to be played with, one after the other, as <see cref="Simulator.Run(Scenario, string?)"/> takes them. The default value is the one policy of its balancer.</summary>
    public IReadOnlyList<string> Policies => Plan.Policies;

    /// <summary>The seed of all that is random: the same seed gives the same numbers to the last digit. The default value is 1.</summary>
    public long Seed => Plan.Seed;

    internal ScenarioPlan Plan { get; }

    /// <summary>Reads a scenario from a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ScenarioException">The file cannot be read, or says something that is not allowed; the message is one line that names file, path, value and what is allowed.</exception>
    public static Scenario Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(InputFile.Read(path), path);
    }

    /// <summary>Reads a scenario from JSON. Comments and trailing commas are allowed.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">What messages call it; its name without folder and extension is the default of <see cref="Name"/>.</param>
    /// <exception cref="ScenarioException">It says something that is not allowed; the message is one line that names file, path, value and what is allowed.</exception>
    public static Scenario Parse(string json, string file = "scenario")
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentException.ThrowIfNullOrEmpty(file);
        return new Scenario(ScenarioReader.Read(json, file));
    }

    /// <summary>The same with another seed.</summary>
    /// <param name="seed">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="seed"/> is negative.</exception>
    public Scenario WithSeed(long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        return new Scenario(Plan with { Seed = seed });
    }
}
