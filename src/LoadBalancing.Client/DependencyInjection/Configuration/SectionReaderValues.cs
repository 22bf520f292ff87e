using System.Globalization;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>The kinds of values that configuration has. Each is <see langword="null"/> when the key is absent, or its value is not allowed and was reported.</summary>
internal static class SectionReaderValues
{
    /// <summary>Text that is not empty.</summary>
    public static string? ReadString(this SectionReader section, string key) =>
        section.Read<string>(key, "must be a text that is not empty", static (string text, out string? value) => !string.IsNullOrWhiteSpace(value = text));

    /// <summary>Any text, the empty one too.</summary>
    public static string? ReadText(this SectionReader section, string key) =>
        section.Read<string>(key, "must be a text", static (string text, out string? value) => (value = text) is not null);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static bool? ReadBoolean(this SectionReader section, string key) => section.ReadValue<bool>(key, "must be true or false", bool.TryParse);

    /// <summary>A whole number in a range.</summary>
    public static int? ReadInt32(this SectionReader section, string key, int min = int.MinValue, int max = int.MaxValue) =>
        section.ReadValue(key, $"must be a whole number{Range(min, max, min == int.MinValue, max == int.MaxValue)}", (string text, out int value) =>
            int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value) && value >= min && value <= max);

    /// <summary>A finite number in a range.</summary>
    public static double? ReadDouble(this SectionReader section, string key, double min = double.MinValue, double max = double.MaxValue) =>
        section.ReadValue(key, $"must be a finite number{Range(min, max, min == double.MinValue, max == double.MaxValue)}", (string text, out double value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value >= min && value <= max);

    /// <summary>A time in a range, written as <c>00:00:30</c> or <c>1.00:00:00</c>.</summary>
    public static TimeSpan? ReadTimeSpan(this SectionReader section, string key, TimeSpan min, TimeSpan max) =>
        section.ReadValue(key, $"must be a time from {Format(min)} to {Format(max)}, written like \"00:00:30\" (a number alone would mean days)", (string text, out TimeSpan value) =>
        {
            value = default;
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
        });

    /// <summary>One of a few words, in any case, and what it stands for.</summary>
    public static T? ReadChoice<T>(this SectionReader section, string key, params ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        (string Word, T Value)[] all = [.. choices];
        return section.ReadValue(key, $"must be {JoinWords(all.Select(choice => choice.Word))}", (string text, out T value) =>
        {
            int index = Array.FindIndex(all, choice => string.Equals(choice.Word, text, StringComparison.OrdinalIgnoreCase));
            value = index < 0 ? default : all[index].Value;
            return index >= 0;
        });
    }

    /// <summary>A section whose keys are free: names and texts.</summary>
    public static IReadOnlyDictionary<string, string>? ReadMap(this SectionReader section, string key)
    {
        SectionReader? map = section.ReadSection(key, "must be a section of names and texts");
        return map?.Keys.Select(name => (Name: name, Text: map.ReadText(name))).Where(entry => entry.Text is not null).ToDictionary(entry => entry.Name, entry => entry.Text!);
    }

    /// <summary>Whether a feature is to be on: what <c>Enabled</c> says, or else yes, when the section sets any key; <see langword="null"/> when the section says nothing.</summary>
    public static bool? ReadEnabled(this SectionReader section)
    {
        bool? enabled = section.ReadBoolean("Enabled");
        return enabled ?? (section.Keys.Any() ? true : null);
    }

    private static string Range(IFormattable min, IFormattable max, bool hasNoMin, bool hasNoMax) => (hasNoMin, hasNoMax) switch
    {
        (true, true) => "",
        (false, true) => string.Create(CultureInfo.InvariantCulture, $", {min} or more"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $", {max} or less"),
        (false, false) => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
    };

    /// <summary>As configuration has it, without the zeros behind a fraction.</summary>
    private static string Format(TimeSpan time)
    {
        string text = time.ToString("c", CultureInfo.InvariantCulture);
        return time.Ticks % TimeSpan.TicksPerSecond == 0 ? text : text.TrimEnd('0');
    }

    private static string JoinWords(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }
}
