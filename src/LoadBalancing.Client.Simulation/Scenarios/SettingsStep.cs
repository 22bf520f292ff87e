namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>From a time on, in seconds, a backend is like this.</summary>
internal readonly record struct SettingsStep(double From, BackendSettings Settings);
