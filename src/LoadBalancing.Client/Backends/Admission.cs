namespace LoadBalancing.Client.Backends;

/// <summary>How a backend let an attempt in.</summary>
/// <param name="Era">The backend's era when it did: what the attempt says later is worth something only to those who still live in it.</param>
/// <param name="Permit">What the attempt has reserved, where attempts are limited by permits.</param>
internal readonly record struct Admission(int Era, AdmissionPermit? Permit);
