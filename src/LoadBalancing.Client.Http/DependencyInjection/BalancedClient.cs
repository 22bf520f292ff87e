namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>One registration of a service with a client.</summary>
/// <param name="ClientName">The client's name; <see langword="null"/> for all clients.</param>
/// <param name="ServiceName">The service's name.</param>
/// <param name="HasDefaults">Whether the client got the defaults of <c>AddLoadBalancedHttpClient</c>, which it gets once, so that what the user configured after them stays.</param>
internal sealed record BalancedClient(string? ClientName, string ServiceName, bool HasDefaults);
