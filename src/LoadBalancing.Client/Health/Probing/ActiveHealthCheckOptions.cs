using System.Globalization;
using System.Net.Security;
using LoadBalancing.Client.Health.Probing;

namespace LoadBalancing.Client;

/// <summary>
/// How backends are asked, again and again, whether they work. Off by default; <see cref="BalancerBuilder.UseActiveHealthChecks"/> or a <c>HealthChecks</c> section turns it on.
/// </summary>
public sealed record ActiveHealthCheckOptions
{
    /// <summary>The bounds that configuration and code share.</summary>
    internal static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    internal static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);
    internal const int HighestThreshold = 1000;
    internal const double HighestJitter = 0.5;
    internal const int HighestConcurrency = 10_000;
    internal const string PathRequirement = "must be a path that begins with '/', without a fragment";
    internal const string StatusesRequirement = "must be statuses from 100 to 599 and ranges of them, such as 200-299,404";
    internal const string AddressRequirement = "must be a host name or an IP address";
    internal const string HostRequirement = "must be a host, or host:port";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    private TimeSpan? _timeout;

    /// <summary>Whether backends are probed at all. The default value is <see langword="false"/>.</summary>
    public bool Enabled { get; set; }

    /// <summary>What is asked. The default value is <see cref="ProbeKind.Http"/>.</summary>
    public ProbeKind Kind { get; set; }

    /// <summary>A probe of your own, in place of <see cref="Kind"/>. It stays yours: the balancer does not dispose it. The default value is <see langword="null"/>.</summary>
    public IHealthProbe? Probe { get; set; }

    /// <summary>What an http probe asks for, behind the backend's base path; may have a query. The default value is <c>/</c>.</summary>
    public string Path { get; set; } = "/";

    /// <summary>How long it is from the beginning of one probe of a backend to that of the next; from 10 ms to 1 day. The default value is 5 seconds.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After this a probe has failed; from 1 ms to <see cref="Interval"/>. The default value is 2 seconds, or the interval where that is shorter.</summary>
    public TimeSpan Timeout
    {
        get => _timeout ?? (Interval < DefaultTimeout ? Interval : DefaultTimeout);
        set => _timeout = value;
    }

    /// <summary>How many failures in a row take a backend out; from 1 to 1000. The default value is 3.</summary>
    public int UnhealthyThreshold { get; set; } = 3;

    /// <summary>How many successes in a row bring it back; from 1 to 1000. The default value is 2.</summary>
    public int HealthyThreshold { get; set; } = 2;

    /// <summary>
    /// Whether a new backend is used until probes say otherwise. Otherwise it gets nothing before its first success, and a pool that is all new is waited for
    /// (<see cref="Balancer.PickAsync"/> waits, <see cref="Balancer.TryPick"/> finds none) until every backend was asked once. The default value is <see langword="true"/>.
    /// </summary>
    public bool InitiallyHealthy { get; set; } = true;

    /// <summary>The statuses that an http probe takes as success, from 100 to 599: single ones and ranges, such as <c>200-299,404</c>. Redirects are not followed. The default value is <c>200-299</c>.</summary>
    public string ExpectedStatuses { get; set; } = "200-299";

    /// <summary>
    /// Looks at what an http probe has got, once the status is an expected one: headers, or the body, which has not been read yet. The default value is <see langword="null"/>: the status says enough.
    /// </summary>
    public Func<HttpResponseMessage, CancellationToken, ValueTask<bool>>? ResponsePredicate { get; set; }

    /// <summary>The port to ask, where health is answered on one of its own; from 1 to 65535. The default value, <see langword="null"/>, means the backend's.</summary>
    public int? Port { get; set; }

    /// <summary>The host name or IP address to ask in place of the backend's. The default value, <see langword="null"/>, means the backend's.</summary>
    public string? Address { get; set; }

    /// <summary>The Host header of probes, and the name for TLS. The default value, <see langword="null"/>, means the same as for requests: <see cref="Backend.HostName"/>, or else the address.</summary>
    public string? Host { get; set; }

    /// <summary>The service that a grpc probe asks about. The default value is empty: the server as a whole.</summary>
    public string GrpcService { get; set; } = "";

    /// <summary>By how much each interval is shorter or longer at random, so that many clients do not ask together; a share from 0 to 0.5. The default value is 0.1, which means ± 10 %.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>How many probes may run at a time; others wait for their turn. From 1 to 10,000. A probe that ignores its token counts no more once twice the timeout is over. The default value is 64.</summary>
    public int MaxConcurrent { get; set; } = 64;

    /// <summary>TLS of http and grpc probes, usually the same object as that of the handler that sends the requests. The default value, <see langword="null"/>, means that of the platform.</summary>
    public SslClientAuthenticationOptions? SslOptions { get; set; }

    /// <summary>Why a backend cannot be asked this, as the end of a sentence about it; <see langword="null"/> when it can.</summary>
    internal string? FindObstacle(Backend backend) =>
        Probe is null && Kind != ProbeKind.Tcp && backend.Address.Scheme == "tcp"
            ? $"has scheme tcp, and HealthChecks:Kind = \"{Kind}\" needs http or https; Kind = \"Tcp\" or a Probe of your own can ask it"
            : null;

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return Problem(nameof(Kind), Kind, "must be Http, Tcp or Grpc");
        }

        if (!IsPath(Path))
        {
            yield return Problem(nameof(Path), Path, PathRequirement);
        }

        if (!StatusRanges.TryParse(ExpectedStatuses, out _))
        {
            yield return Problem(nameof(ExpectedStatuses), ExpectedStatuses, StatusesRequirement);
        }

        if (Address is not null && Uri.CheckHostName(Address) == UriHostNameType.Unknown)
        {
            yield return Problem(nameof(Address), Address, AddressRequirement);
        }

        if (Host is not null && !Backend.IsHostName(Host))
        {
            yield return Problem(nameof(Host), Host, HostRequirement);
        }

        if (GrpcService is null)
        {
            yield return Problem(nameof(GrpcService), "", "must not be null");
        }

        foreach (string problem in FindProblemsOfNumbers())
        {
            yield return problem;
        }
    }

    /// <summary>Whether an http probe can ask for it.</summary>
    internal static bool IsPath(string? path) =>
        path is ['/', ..] && !path.Contains('#', StringComparison.Ordinal) && Uri.TryCreate($"http://host{path}", UriKind.Absolute, out Uri? uri) && uri.Host == "host";

    private static string Problem(string key, object? value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"HealthChecks:{key} = \"{value}\": {requirement}");

    private IEnumerable<string> FindProblemsOfNumbers()
    {
        if (Interval < ShortestInterval || Interval > Longest)
        {
            yield return Problem(nameof(Interval), Interval, $"must be from {ShortestInterval} to {Longest}");
        }

        if (Timeout < ShortestTimeout || Timeout > Interval)
        {
            yield return Problem(nameof(Timeout), Timeout, $"must be from {ShortestTimeout} to Interval, which is {Interval}");
        }

        if (UnhealthyThreshold is < 1 or > HighestThreshold)
        {
            yield return Problem(nameof(UnhealthyThreshold), UnhealthyThreshold, $"must be from 1 to {HighestThreshold}");
        }

        if (HealthyThreshold is < 1 or > HighestThreshold)
        {
            yield return Problem(nameof(HealthyThreshold), HealthyThreshold, $"must be from 1 to {HighestThreshold}");
        }

        if (Port is < 1 or > 65535)
        {
            yield return Problem(nameof(Port), Port, "must be from 1 to 65535");
        }

        if (!(Jitter >= 0 && Jitter <= HighestJitter))
        {
            yield return Problem(nameof(Jitter), Jitter, string.Create(CultureInfo.InvariantCulture, $"must be from 0 to {HighestJitter}"));
        }

        if (MaxConcurrent is < 1 or > HighestConcurrency)
        {
            yield return Problem(nameof(MaxConcurrent), MaxConcurrent, $"must be from 1 to {HighestConcurrency}");
        }
    }
}
