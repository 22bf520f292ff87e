namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Hears of the work on every attempt, as it begins.</summary>
internal interface IWorkTrace
{
    /// <param name="server">Which backend, in the scenario's order.</param>
    /// <param name="arrived">When the attempt came, in seconds.</param>
    /// <param name="waited">How long it has waited.</param>
    /// <param name="work">How long the work will take.</param>
    void OnBegin(int server, double arrived, double waited, double work);
}
