namespace LoadBalancing.Client.Balancing.Views;

/// <summary>Who is picked in a view, and how. Nobody writes it once it is made.</summary>
/// <param name="Backends">All listed backends, and those that can be picked in any tier.</param>
/// <param name="Picker">Chooses among them.</param>
/// <param name="Reasons">What is out of the ordinary about any pick of a backend, where there is anything.</param>
/// <param name="IsServing">Whether there is somebody to pick; where that is only some of the load, the rest waits.</param>
/// <param name="IsPending">Whether it may soon be possible to pick more.</param>
internal sealed record ViewPlan(BackendSet Backends, Picker Picker, Dictionary<BackendState, PickReasons>? Reasons, bool IsServing, bool IsPending);
