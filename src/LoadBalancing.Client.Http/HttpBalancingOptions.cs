using System.Collections.ObjectModel;
using System.Globalization;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Http.HashKeys;
using LoadBalancing.Client.Http.Routing;
using LoadBalancing.Client.Http.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client;

/// <summary>
/// What balancing over HTTP adds to the options of a balancer: <c>options.GetFeature&lt;HttpBalancingOptions&gt;()</c> in a step of <see cref="BalancerBuilder.Configure"/>,
/// or the methods of <see cref="HttpBalancerBuilderExtensions"/>. Filled anew on every reload; not thread safe while it is filled.
/// </summary>
public sealed class HttpBalancingOptions : IFeatureOptions, IAttemptRules
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    /// <summary>
    /// How long one attempt may take, from the pick to the response headers; then it fails with <see cref="AttemptTimeoutException"/>. Above 0, at most one day, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit. gRPC requests (content type <c>application/grpc…</c>) are never limited: a stream's headers may come late, and gRPC has deadlines of its own.
    /// The default value is 10 seconds. One request can have another: <see cref="LoadBalancingRequestOptions.AttemptTimeout"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of that.</exception>
    public TimeSpan AttemptTimeout
    {
        get;
        set => field = CheckTimeout(nameof(AttemptTimeout), value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a request may take, from the moment the handler gets it to the response headers that it returns: with all attempts, and all waiting in between. Then it fails with <see cref="RequestTimeoutException"/>, or, where a retry
    /// would not fit in, with what the last attempt has brought. Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit, which is the default value: the caller's token and
    /// <see cref="HttpClient.Timeout"/> end it. Not for gRPC. One request can have another: <see cref="LoadBalancingRequestOptions.RequestTimeout"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of that.</exception>
    public TimeSpan RequestTimeout
    {
        get;
        set => field = CheckTimeout(nameof(RequestTimeout), value);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long a connection may take to be made, TLS included: <see cref="SocketsHttpHandler.ConnectTimeout"/> of the primary handler of <c>AddLoadBalancedHttpClient</c>. That handler is made once, so a reload does not
    /// change it, and handlers that are made elsewhere have their own. Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. The default value is 2 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of that.</exception>
    public TimeSpan ConnectTimeout
    {
        get;
        set => field = CheckTimeout(nameof(ConnectTimeout), value);
    } = TimeSpan.FromSeconds(2);

    /// <summary>When a request that has failed is sent again, to another backend. On by default.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>When a request that takes long is sent to a second backend as well. Off by default.</summary>
    public HedgingOptions Hedging { get; set; } = new();

    /// <summary>
    /// How many requests may wait, first come first served, while every backend that could take them is at its <see cref="Backend.MaxConcurrency"/>; over all clients of the service in this process. 0 or more; 0: none waits.
    /// Beyond it, requests are refused at once, with a <see cref="NoBackendAvailableException"/> that <see cref="NoBackendAvailableException.IsSaturated"/>. The default value is 100. Without caps, nobody ever waits.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxQueue
    {
        get;
        set => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxQueue), value, DescribeMaxQueue(value));
    } = 100;

    /// <summary>How long a request waits there; then it is refused in the same way. Above 0, at most one day. The default value is 1 second.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of that.</exception>
    public TimeSpan QueueTimeout
    {
        get;
        set => field = IsQueueTimeout(value) ? value : throw new ArgumentOutOfRangeException(nameof(QueueTimeout), value, DescribeQueueTimeout(value));
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Further authorities whose requests are balanced, besides the service's name and the client's own base address: <c>host</c> (with the default port of the request's scheme) or <c>host:port</c>.
    /// The default value is empty. A request to anything else passes through untouched, since its credentials are meant for someone else.
    /// </summary>
    /// <exception cref="ArgumentException">What is added is neither <c>host</c> nor <c>host:port</c>.</exception>
    public IList<string> Authorities { get; } = new AuthorityList();

    /// <summary>
    /// Where the key of a request is, for policies that choose by hash; see <see cref="HashKeyBuilder"/>. What several steps add is looked at in the order of the steps. The default value is nowhere, or, with the policy
    /// <c>ip_hash</c>, <see cref="HashKeyBuilder.ClientAddress"/>. A request's own <see cref="LoadBalancingRequestOptions.Hash"/> or <see cref="LoadBalancingRequestOptions.HashKey"/> wins.
    /// </summary>
    public HashKeyBuilder HashOn { get; } = new();

    Func<HttpRequestMessage, string, ulong?>? IAttemptRules.CreateHasher(LoadBalancingPolicy policy) =>
        RequestHasher.Create(HashOn.Sources, policy) is { } hasher ? (request, pathAndQuery) => hasher.FindHash(request, new RequestTarget(pathAndQuery, 0)) : null;

    /// <summary>Says that <see cref="HashOn"/> has no effect, unless that was so, with the same policy, before.</summary>
    void IFeatureOptions.OnInForce(Balancer balancer, BalancerOptions? before)
    {
        LoadBalancingPolicy policy = balancer.Options.Policy;
        if (HashOn.Sources.Count > 0 && !balancer.UsesHash
            && !(ReferenceEquals(before?.Policy, policy) && before?.FindFeature<HttpBalancingOptions>() is { HashOn.Sources.Count: > 0 }))
        {
            Log.HashOnIgnored(balancer.Logger, balancer.Name, policy.Name);
        }
    }

    IEnumerable<string> IFeatureOptions.FindProblems() =>
    [
        .. Retry is null ? ["Retry must not be null"] : Retry.FindProblems(),
        .. Hedging is null ? ["Hedging must not be null"] : Hedging.FindProblems(),
    ];

    internal static bool IsTimeout(TimeSpan value) => value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value <= LongestTimeout);

    internal static TimeSpan CheckTimeout(string name, TimeSpan value, string? parameter = null) =>
        IsTimeout(value) ? value : throw new ArgumentOutOfRangeException(parameter ?? name, value, DescribeTimeouts(name, value));

    internal static string DescribeTimeouts(string name, TimeSpan value) =>
        $"{name} = {value}: must be above 0 and at most {LongestTimeout}, or {Timeout.InfiniteTimeSpan} (Timeout.InfiniteTimeSpan) for no limit.";

    internal static bool IsQueueTimeout(TimeSpan value) => value > TimeSpan.Zero && value <= LongestTimeout;

    internal static string DescribeMaxQueue(int value) => string.Create(CultureInfo.InvariantCulture, $"MaxQueue = {value}: must be 0 (nobody waits) or more.");

    internal static string DescribeQueueTimeout(TimeSpan value) => $"QueueTimeout = {value}: must be above 0 and at most {LongestTimeout}.";

    /// <summary>Refuses what is no authority when it is added: later would be too late, for a reload at least.</summary>
    private sealed class AuthorityList : Collection<string>
    {
        protected override void InsertItem(int index, string item) => base.InsertItem(index, Authority.Parse(item).ToString());

        protected override void SetItem(int index, string item) => base.SetItem(index, Authority.Parse(item).ToString());
    }
}
