using System.Text;
using Microsoft.Extensions.Configuration;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>All that a configuration section says, as one text: two sections that say the same have the same text.</summary>
internal static class SectionText
{
    public static string Read(IConfigurationSection section)
    {
        StringBuilder text = new();
        foreach ((string key, string? value) in section.AsEnumerable(makePathsRelative: true))
        {
            // No text has these characters in it, so that key and value cannot be taken for one another.
            text.Append(key).Append(value is null ? '\u0001' : '\u0002').Append(value).Append('\0');
        }

        return text.Append(section.Value).ToString();
    }
}
