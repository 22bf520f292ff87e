namespace LoadBalancing.Client.Http.Tests.Restarts;

/// <summary>A request that was not answered as it should have been.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Response">Its headers, if they came.</param>
/// <param name="Exception">What was thrown, if anything was.</param>
/// <param name="Error">What happened instead.</param>
internal sealed record LostRequest(int Number, RequestKind Kind, HttpResponseMessage? Response, Exception? Exception, string Error)
{
    /// <summary>Whether it should have been sent once more: it may be repeated, and nothing of an answer had been seen.</summary>
    public bool IsInexcusable => Kind != RequestKind.PlainPost && Response is null;

    /// <summary>Whether one of <paramref name="backends"/> is named as the culprit, by the exception or by the answer that broke off.</summary>
    public bool NamesOneOf(IEnumerable<Uri> backends) =>
        ((Exception as BackendRequestException)?.Backend ?? Response?.GetBackend()?.Id) is { } name && backends.Any(backend => $"{backend.Host}:{backend.Port}" == name);

    public override string ToString() => $"{Kind} {Number} {(Response is null ? "before" : "after")} its headers: {Error}";
}
