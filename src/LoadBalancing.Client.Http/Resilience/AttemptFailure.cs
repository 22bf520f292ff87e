namespace LoadBalancing.Client.Http.Resilience;

/// <summary>In which way an attempt has failed, as far as it matters for sending the request again.</summary>
internal enum AttemptFailure
{
    /// <summary>It has not: there is an answer that is the caller's, whatever its status.</summary>
    None,

    /// <summary>There was no connection, so surely nothing of the request has reached a backend, and nothing of its body was read.</summary>
    NeverSent,

    /// <summary>The connection broke before the headers of an answer, or the attempt timed out: the backend may have served the request, or may still do so.</summary>
    NoAnswer,

    /// <summary>The answer says that another backend, or the same one later, may do better: 502, 503, 504, 429.</summary>
    Refused,

    /// <summary>Another backend would do no better: the caller has given up, its time is over, or the failure is that of the request or of this process.</summary>
    Final,
}
