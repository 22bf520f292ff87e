namespace LoadBalancing.Client;

/// <summary>
/// The backends a request was already tried on. Immutable: <see cref="With"/> returns a larger one. The first four are held inline; only beyond that is memory allocated.
/// </summary>
public readonly struct BackendExclusions
{
    private const int InlineCapacity = 4;

    private readonly BackendState? _first;
    private readonly BackendState? _second;
    private readonly BackendState? _third;
    private readonly BackendState? _fourth;
    private readonly BackendState[]? _more;

    private BackendExclusions(BackendState? first, BackendState? second, BackendState? third, BackendState? fourth, BackendState[]? more) =>
        (_first, _second, _third, _fourth, _more) = (first, second, third, fourth, more);

    /// <summary>Whether nothing is excluded.</summary>
    public bool IsEmpty => _first is null;

    /// <summary>How many distinct backends are excluded.</summary>
    public int Count =>
        _more is not null ? InlineCapacity + _more.Length
        : _fourth is not null ? 4
        : _third is not null ? 3
        : _second is not null ? 2
        : _first is not null ? 1
        : 0;

    /// <summary>These and <paramref name="backend"/>; the same when it is among them.</summary>
    public BackendExclusions With(BackendState backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Contains(backend) ? this : Count switch
        {
            0 => new(backend, null, null, null, null),
            1 => new(_first, backend, null, null, null),
            2 => new(_first, _second, backend, null, null),
            3 => new(_first, _second, _third, backend, null),
            _ => new(_first, _second, _third, _fourth, [.. _more ?? [], backend]),
        };
    }

    /// <summary>Whether <paramref name="backend"/> is excluded.</summary>
    public bool Contains(BackendState backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return ReferenceEquals(backend, _first)
            || ReferenceEquals(backend, _second)
            || ReferenceEquals(backend, _third)
            || ReferenceEquals(backend, _fourth)
            || (_more is not null && Array.IndexOf(_more, backend) >= 0);
    }
}
