using System.Globalization;
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

    /// <summary>Text that is not empty.</summary>
    public string? ReadString(string key) =>
        Read<string>(key, "must be a text that is not empty", static (string text, out string? value) => !string.IsNullOrWhiteSpace(value = text));

    /// <summary>Any text, the empty one too.</summary>
    public string? ReadText(string key) =>
        Read<string>(key, "must be a text", static (string text, out string? value) => (value = text) is not null);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool? ReadBoolean(string key) => ReadValue<bool>(key, "must be true or false", bool.TryParse);

    /// <summary>A whole number in a range.</summary>
    public int? ReadInt32(string key, int min = int.MinValue, int max = int.MaxValue) =>
        ReadValue(key, $"must be a whole number{Range(min, max, min == int.MinValue, max == int.MaxValue)}", (string text, out int value) =>
            int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value) && value >= min && value <= max);

    /// <summary>A finite number in a range.</summary>
    public double? ReadDouble(string key, double min = double.MinValue, double max = double.MaxValue) =>
        ReadValue(key, $"must be a finite number{Range(min, max, min == double.MinValue, max == double.MaxValue)}", (string text, out double value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value >= min && value <= max);

    /// <summary>A time in a range, written as <c>00:00:30</c> or <c>1.00:00:00</c>.</summary>
    public TimeSpan? ReadTimeSpan(string key, TimeSpan min, TimeSpan max) =>
        ReadValue(key, $"must be a time from {min:c} to {max:c}, written like \"00:00:30\" (a number alone would mean days)", (string text, out TimeSpan value) =>
        {
            value = default;
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
        });

    /// <summary>One of a few words, in any case, and what it stands for.</summary>
    public T? ReadChoice<T>(string key, params ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        (string Word, T Value)[] all = [.. choices];
        return ReadValue(key, $"must be {JoinWords(all.Select(choice => choice.Word))}", (string text, out T value) =>
        {
            int index = Array.FindIndex(all, choice => string.Equals(choice.Word, text, StringComparison.OrdinalIgnoreCase));
            value = index < 0 ? default : all[index].Value;
            return index >= 0;
        });
    }

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

    /// <summary>A section whose keys are free: names and texts.</summary>
    public IReadOnlyDictionary<string, string>? ReadMap(string key)
    {
        SectionReader? map = ReadSection(key, "must be a section of names and texts");
        return map?.Keys.Select(name => (Name: name, Text: map.ReadText(name))).Where(entry => entry.Text is not null).ToDictionary(entry => entry.Name, entry => entry.Text!);
    }

    /// <summary>A key that is a value in one form and a section in another: its value, if it has one, and the section.</summary>
    public (string? Value, SectionReader Section) ReadEither(string key)
    {
        _knownKeys.Add(key);
        IConfigurationSection child = _section.GetSection(key);
        return (child.Value, new SectionReader(child, _problems));
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

    private static string Range(IFormattable min, IFormattable max, bool hasNoMin, bool hasNoMax) => (hasNoMin, hasNoMax) switch
    {
        (true, true) => "",
        (false, true) => string.Create(CultureInfo.InvariantCulture, $", {min} or more"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $", {max} or less"),
        (false, false) => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
    };

    private static string JoinWords(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    private T? ReadValue<T>(string key, string requirement, Parser<T> parse)
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
