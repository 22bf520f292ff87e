using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Writes down what happens at one server.</summary>
internal sealed class ServerWatch(int server, VirtualClock clock, BackendRecorder recorder, IWorkTrace? trace) : IServerWatch
{
    public void OnLoad(int inFlight, int waiting) => recorder.OnLoad(clock.Now, inFlight, waiting);

    public void OnBegin(double arrived, double waited, double work) => trace?.OnBegin(server, arrived, waited, work);
}
