namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>Hears what happens at a server.</summary>
internal interface IServerWatch
{
    /// <summary>Jobs have come or gone.</summary>
    /// <param name="inFlight">How many are there.</param>
    /// <param name="waiting">How many of them wait.</param>
    void OnLoad(int inFlight, int waiting);

    /// <summary>The work on a job begins.</summary>
    /// <param name="arrived">When it came, in seconds.</param>
    /// <param name="waited">How long it has waited.</param>
    /// <param name="work">How long the work will take.</param>
    void OnBegin(double arrived, double waited, double work);
}
