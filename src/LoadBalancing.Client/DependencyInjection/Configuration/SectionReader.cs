using Microsoft.Extensions.Configuration;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>
/// Reads typed values from one configuration section. A value that is not as it must be counts as absent and is reported, with its full path, the value and what is allowed.
/// Reading a key makes it known; <see cref="RefuseUnknownKeys"/> reports the others.
/// </summary>
/// <remarks>A key whose value is <c>null</c> (or an empty object) is there, but says nothing: as a value it counts as absent, and as a section it is empty.</remarks>
internal sealed class SectionReader
{
    private readonly IConfigurationSection _section;
    private readonly ICollection<string> _problems;
    private readonly Dictionary<string, IConfigurationSection> _children;
    private readonly SortedSet<string> _knownKeys = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="section">What to read.</param>
    /// <param name="problems">Gets one sentence for each problem.</param>
    public SectionReader(IConfigurationSection section, ICollection<string> problems)
    {
        _section = section;
        _problems = problems;
        _children = section.GetChildren().ToDictionary(child => child.Key, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The full path of the section, for example <c>LoadBalancing:orders</c>.</summary>
    public string Path => _section.Path;

    /// <summary>The keys that are there, in the order of configuration: numbers first, then by name.</summary>
    public IEnumerable<string> Keys => _section.GetChildren().Select(child => child.Key);

    /// <summary>All that the section says.</summary>
    public string Text => SectionText.Read(_section);

    /// <summary>Whether the key is there and says something.</summary>
    public bool IsSet(string key) => _children.TryGetValue(key, out IConfigurationSection? child) && child.Exists();

    /// <summary>A value of a form of its own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="requirement">What is allowed, beginning with "must".</param>
    /// <param name="parse">Reads the value, if it is allowed.</param>
    public T? Read<T>(string key, string requirement, Parser<T?> parse)
        where T : class
    {
        if (Find(key, requirement) is not { } text)
        {
            return null;
        }

        if (parse(text, out T? value))
        {
            return value;
        }

        Report(key, requirement);
        return null;
    }

    /// <inheritdoc cref="Read{T}"/>
    public T? ReadValue<T>(string key, string requirement, Parser<T> parse)
        where T : struct
    {
        if (Find(key, requirement) is not { } text)
        {
            return null;
        }

        if (parse(text, out T value))
        {
            return value;
        }

        Report(key, requirement);
        return null;
    }

    /// <summary>The section under a key; <see langword="null"/> when the key is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="requirement">What is allowed, beginning with "must", for a plain value in its place.</param>
    public SectionReader? ReadSection(string key, string requirement = "must be a section with keys of its own")
    {
        _knownKeys.Add(key);
        if (!_children.TryGetValue(key, out IConfigurationSection? child))
        {
            return null;
        }

        // An empty list has the empty text as its value.
        if (!string.IsNullOrEmpty(child.Value))
        {
            Report(key, requirement);
            return null;
        }

        return new SectionReader(child, _problems);
    }

    /// <summary>A key that is a value in one form and a section in another: its value, if it has one, and the section.</summary>
    public (string? Value, SectionReader Section) ReadEither(string key)
    {
        _knownKeys.Add(key);
        IConfigurationSection child = _section.GetSection(key);
        return (child.Value, new SectionReader(child, _problems));
    }

    /// <summary>Lets foreign code read the section in its own way: the keys that it asks for count as known, and an exception as a problem of the section.</summary>
    /// <param name="subject">What the code makes, for messages.</param>
    /// <param name="read">The code.</param>
    /// <returns>What the code made of it; <see langword="null"/> when it threw.</returns>
    public T? ReadAll<T>(string subject, Func<IConfigurationSection, T> read)
        where T : class
    {
        try
        {
            return read(new WatchedSection(_section, key => _knownKeys.Add(key)));
        }
#pragma warning disable CA1031 // Whatever is wrong with it, the section is named, and what else is wrong is said too.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _problems.Add($"{Path}: {subject}: {exception.Message}");

            // Which keys it would have asked for after that, nobody knows.
            _knownKeys.UnionWith(Keys);
            return null;
        }
    }

    /// <summary>Reports that the value of a key is not allowed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="requirement">What is allowed, beginning with "must".</param>
    public void Report(string key, string requirement)
    {
        string? value = _section[key];
        _problems.Add(value is null ? $"{Path}:{key}: {requirement}" : $"{Path}:{key} = \"{value}\": {requirement}");
    }

    /// <summary>Reports that a key is missing, if it is.</summary>
    /// <param name="key">The key.</param>
    /// <param name="requirement">What is allowed, beginning with "must".</param>
    public void ReportMissing(string key, string requirement)
    {
        if (!IsSet(key))
        {
            _problems.Add($"{Path}:{key}: is missing; {requirement}");
        }
    }

    /// <summary>Takes a key as known without reading it, when what it must be cannot be told.</summary>
    public void Ignore(string key) => _knownKeys.Add(key);

    /// <summary>Reports every key that nobody has read. Called last.</summary>
    public void RefuseUnknownKeys()
    {
        foreach (string key in Keys.Where(key => !_knownKeys.Contains(key)))
        {
            _problems.Add($"{Path}:{key}: unknown key; allowed: {(_knownKeys.Count == 0 ? "none" : string.Join(", ", _knownKeys))}");
        }
    }

    /// <summary>Reads a value from text, if it is allowed.</summary>
    public delegate bool Parser<T>(string text, out T value);

    /// <summary>The text of a key that must be a plain value.</summary>
    private string? Find(string key, string requirement)
    {
        _knownKeys.Add(key);
        if (!_children.TryGetValue(key, out IConfigurationSection? child))
        {
            return null;
        }

        if (child.GetChildren().Any())
        {
            _problems.Add($"{Path}:{key}: {requirement}, not a section");
            return null;
        }

        return child.Value;
    }
}
