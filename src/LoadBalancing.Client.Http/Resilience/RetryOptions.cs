using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// When a request that has failed is sent again, to another backend. On by default: GET, HEAD, OPTIONS, TRACE, PUT, DELETE and whatever has an <c>Idempotency-Key</c> after a failed connection, an attempt timeout and
/// statuses 502, 503, 504 and 429; anything else only if it surely never reached a backend.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>The bounds that configuration and code share.</summary>
    internal const int MostAttempts = 10;
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly TimeSpan DefaultBaseDelay = TimeSpan.FromMilliseconds(25);

    private TimeSpan? _baseDelay;

    /// <summary>Whether anything is sent again. The default value is <see langword="true"/>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many attempts a request has in all, the first one included; from 1 to 10. The default value is 3.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// How long it is to the first retry; twice as long to each further one, and each time shorter by up to a half, at random, so that many callers do not come back together.
    /// From 0 to <see cref="MaxDelay"/>. The default value is 25 ms, or <see cref="MaxDelay"/> where that is less.
    /// </summary>
    public TimeSpan BaseDelay
    {
        get => _baseDelay ?? (DefaultBaseDelay < MaxDelay ? DefaultBaseDelay : MaxDelay);
        set => _baseDelay = value;
    }

    /// <summary>Where the doubling ends; from 0 to 1 day. The default value is 1 second.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a <c>Retry-After</c> may be for a retry to wait for it, where nobody is left but backends that have sent one; with a longer one, the answer at hand is returned. From 0 to 1 day. The default value is 5 seconds.
    /// </summary>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Up to which Content-Length a body that is not in memory is read into memory before it is sent, so that it can be sent again; 0 or more. A body without a length is never. The default value is 0: such a body is sent again
    /// only if nothing of it was read, because no connection could be made.
    /// </summary>
    public int MaxBufferedBodyBytes { get; set; }

    /// <summary>How many retries there may be in relation to requests.</summary>
    public RetryBudgetOptions Budget { get; set; } = new();

    internal IEnumerable<string> FindProblems()
    {
        if (MaxAttempts is < 1 or > MostAttempts)
        {
            yield return Problem(nameof(MaxAttempts), MaxAttempts, $"must be from 1 to {MostAttempts}");
        }

        if (MaxDelay < TimeSpan.Zero || MaxDelay > Longest)
        {
            yield return Problem(nameof(MaxDelay), MaxDelay, $"must be from 0 to {Longest}");
        }

        if (_baseDelay is { } baseDelay && (baseDelay < TimeSpan.Zero || baseDelay > MaxDelay))
        {
            yield return Problem(nameof(BaseDelay), BaseDelay, $"must be from 0 to MaxDelay, which is {MaxDelay}");
        }

        if (MaxRetryAfter < TimeSpan.Zero || MaxRetryAfter > Longest)
        {
            yield return Problem(nameof(MaxRetryAfter), MaxRetryAfter, $"must be from 0 to {Longest}");
        }

        if (MaxBufferedBodyBytes < 0)
        {
            yield return Problem(nameof(MaxBufferedBodyBytes), MaxBufferedBodyBytes, "must be 0 or more");
        }

        if (Budget is null)
        {
            yield return Problem(nameof(Budget), "", "must not be null");
            yield break;
        }

        foreach (string problem in Budget.FindProblems())
        {
            yield return problem;
        }
    }

    private static string Problem(string key, object value, string requirement) =>
        string.Create(CultureInfo.InvariantCulture, $"Retry:{key} = \"{value}\": {requirement}");
}
