using System.Globalization;
using System.Text;

namespace LoadBalancing.Client;

/// <summary>Why requests go where they go: how the policy decides, and where each backend stands right now. <see cref="ToString"/> is a table to read.</summary>
public sealed class PickExplanation
{
    internal PickExplanation(string service, string policy, string policyDescription, ulong? hash, string? waitingFor, IReadOnlyList<BackendExplanation> backends, int backendCount)
    {
        Service = service;
        Policy = policy;
        PolicyDescription = policyDescription;
        Hash = hash;
        WaitingFor = waitingFor;
        Backends = backends;
        BackendCount = backendCount;
    }

    /// <summary>The balancer's name.</summary>
    public string Service { get; }

    /// <summary>The policy's name.</summary>
    public string Policy { get; }

    /// <summary>How the policy decides, in a few words.</summary>
    public string PolicyDescription { get; }

    /// <summary>The hash of the request that was asked about, if it had one.</summary>
    public ulong? Hash { get; }

    /// <summary>What discovery's first answer is waiting for; <see langword="null"/> once it is here.</summary>
    public string? WaitingFor { get; }

    /// <summary>The listed backends, in listed order, those that are not in this client's subset last: all of them, or, in an exception, the first ten.</summary>
    public IReadOnlyList<BackendExplanation> Backends { get; }

    /// <summary>How many backends are listed.</summary>
    public int BackendCount { get; }

    /// <summary>A headline and one line per backend.</summary>
    public override string ToString()
    {
        int candidates = Backends.Count(backend => backend.IsCandidate);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Service}: {Policy}");
        if (PolicyDescription.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({PolicyDescription})");
        }

        text.Append(CultureInfo.InvariantCulture, $"; {candidates} of {Backends.Count} backends can be picked");
        if (BackendCount > Backends.Count)
        {
            text.Append(CultureInfo.InvariantCulture, $" (the first of {BackendCount})");
        }

        if (Hash is { } hash)
        {
            text.Append(CultureInfo.InvariantCulture, $"; hash {hash}");
        }

        if (WaitingFor is not null)
        {
            text.Append("; discovery has not answered yet. ").Append(WaitingFor);
        }

        int width = Backends.Count == 0 ? 0 : Backends.Max(backend => backend.Backend.Id.Length);
        foreach (BackendExplanation backend in Backends)
        {
            text.Append('\n').Append("  ").Append(backend.Backend.Id.PadRight(width)).Append("  ").Append(backend);
        }

        return text.ToString();
    }
}
