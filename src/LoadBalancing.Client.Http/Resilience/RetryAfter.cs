namespace LoadBalancing.Client.Http.Resilience;

/// <summary>What a backend has asked for in its <c>Retry-After</c> header.</summary>
internal static class RetryAfter
{
    /// <summary>How long not to send the backend the request again; <see langword="null"/> when it has not asked for anything.</summary>
    public static TimeSpan? Read(HttpResponseMessage? response, TimeProvider timeProvider)
    {
        if (response?.Headers.RetryAfter is not { } header)
        {
            return null;
        }

        TimeSpan? wait = header.Delta ?? (header.Date - timeProvider.GetUtcNow());
        return wait is { } time && time < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
