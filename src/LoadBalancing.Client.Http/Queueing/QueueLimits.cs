namespace LoadBalancing.Client.Http.Queueing;

/// <summary>How many requests may wait for room, and each for how long. A request keeps those with which it came.</summary>
internal readonly record struct QueueLimits(int MaxQueue, TimeSpan Timeout);
