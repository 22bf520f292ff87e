using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>
/// A value in a scenario file. Whoever reads it says first which keys it may have (<see cref="AllowOnly"/>), so that of a required key that is misspelled one hears the misspelling, and not that the key is missing.
/// The first thing that is wrong ends the reading: one line says where it is, what is there and what is allowed.
/// </summary>
internal sealed class ScenarioNode
{
    private const int LongestQuote = 60;

    /// <summary>All that Unicode lets begin a new line.</summary>
    private static readonly SearchValues<char> LineBreaks = SearchValues.Create("\n\v\f\r\u0085\u2028\u2029");

    private readonly JsonElement _element;

    /// <param name="file">The file's name, as messages show it.</param>
    /// <param name="path">Where in the file, after RFC 9535, for example <c>$.backends[0]</c>.</param>
    /// <param name="element">What is there.</param>
    /// <param name="requirement">What is allowed in place of something that is no object.</param>
    private ScenarioNode(string file, string path, JsonElement element, string requirement)
    {
        File = file;
        Path = path;
        _element = element;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Problem(requirement);
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw new ScenarioException($"{file}: {path}.{property.Name}: is there twice; must be there once");
            }
        }
    }

    public string File { get; }

    public string Path { get; }

    public JsonElement Element => _element;

    /// <summary>The outermost object of a file.</summary>
    public static ScenarioNode Root(string file, JsonElement element) => new(file, "$", element, "must be an object with arrivals and backends");

    /// <summary>What is wrong with this node.</summary>
    /// <param name="requirement">What is allowed, beginning with "must".</param>
    public ScenarioException Problem(string requirement) => Problem(Path, _element, requirement);

    /// <summary>What is wrong with a key, whether it is there or not.</summary>
    public ScenarioException Problem(string key, string requirement) =>
        _element.TryGetProperty(key, out JsonElement value)
            ? Problem($"{Path}.{key}", value, requirement)
            : new ScenarioException($"{File}: {Path}.{key}: is missing; {requirement}");

    /// <summary>What is wrong at a place that another reader has found.</summary>
    public ScenarioException ProblemAt(string path, string problem) => new($"{File}: {path}{problem}");

    public bool IsSet(string key) => _element.TryGetProperty(key, out _);

    /// <summary>The object under a key; <see langword="null"/> when the key is not there.</summary>
    public ScenarioNode? FindObject(string key, string requirement) =>
        Find(key) is { } value ? new ScenarioNode(File, $"{Path}.{key}", value, requirement) : null;

    /// <summary>The objects in the list under a key; <see langword="null"/> when the key is not there.</summary>
    public IReadOnlyList<ScenarioNode>? FindList(string key, string requirement)
    {
        if (Find(key) is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Problem(key, requirement);
        }

        return [.. list.EnumerateArray().Select((value, index) =>
            new ScenarioNode(File, string.Create(CultureInfo.InvariantCulture, $"{Path}.{key}[{index}]"), value, "must be an object"))];
    }

    public double? FindNumber(string key, string requirement, Func<double, bool> isAllowed)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) && isAllowed(number)
            ? number
            : throw Problem(key, requirement);
    }

    public double? FindNumber(string key, double min, double max) =>
        FindNumber(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"), number => number >= min && number <= max);

    public long? FindInteger(string key, long min, long max)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= min && number <= max
            ? number
            : throw Problem(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
    }

    public bool? FindBoolean(string key) => Find(key)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Problem(key, "must be true or false"),
    };

    public string? FindText(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw Problem(key, "must be a text that is not empty");
    }

    /// <summary>A text without line breaks; <see langword="null"/> when the key is not there.</summary>
    public string? FindLine(string key) =>
        FindText(key) is { } text && text.AsSpan().ContainsAny(LineBreaks) ? throw Problem(key, "must be one line of text") : FindText(key);

    /// <summary>The texts in the list under a key, which are all different, each with what messages call it; <see langword="null"/> when the key is not there.</summary>
    public IReadOnlyList<(string Text, string Origin)>? FindTexts(string key, string requirement)
    {
        if (Find(key) is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw Problem(key, requirement);
        }

        List<(string, string)> texts = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (JsonElement value in list.EnumerateArray())
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{Path}.{key}[{texts.Count}]");
            string text = value.ValueKind == JsonValueKind.String && value.GetString() is { } some && !string.IsNullOrWhiteSpace(some)
                ? some
                : throw Problem(path, value, "must be a text that is not empty");
            texts.Add(known.Add(text) ? (text, $"{File}: {path} = {value.GetRawText()}") : throw Problem(path, value, "must be there once"));
        }

        return texts;
    }

    /// <summary>One of a few words, and what it stands for; <see langword="null"/> when the key is not there.</summary>
    public T? FindWord<T>(string key, IReadOnlyDictionary<string, T> meanings)
        where T : class
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && meanings.TryGetValue(value.GetString()!, out T? meaning)
            ? meaning
            : throw Problem(key, $"must be one of {string.Join(", ", meanings.Keys)}");
    }

    /// <summary>Refuses every other key. Called before any is read.</summary>
    public void AllowOnly(params IReadOnlyList<string> keys)
    {
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (!keys.Contains(property.Name))
            {
                throw new ScenarioException($"{File}: {Path}.{property.Name}: unknown key; allowed: {string.Join(", ", keys)}");
            }
        }
    }

    private JsonElement? Find(string key) => _element.TryGetProperty(key, out JsonElement value) ? value : null;

    private ScenarioException Problem(string path, JsonElement value, string requirement)
    {
        string text = string.Join(' ', value.GetRawText().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return new ScenarioException($"{File}: {path} = {(text.Length > LongestQuote ? $"{text[..LongestQuote]}…" : text)}: {requirement}");
    }
}
