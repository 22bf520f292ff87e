namespace LoadBalancing.Client.Balancing.Views;

/// <summary>Who was chosen in a view. Nothing is counted yet: drop it, or begin an attempt with <see cref="Balancer.TryAcquire"/> when it is sent. The default value is none.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Reasons">What was out of the ordinary about the pick.</param>
/// <param name="Era">The backend's era when it was chosen.</param>
internal readonly record struct ViewChoice(BackendState Backend, PickReasons Reasons, int Era);
