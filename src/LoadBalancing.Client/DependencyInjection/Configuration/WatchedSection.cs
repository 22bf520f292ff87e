using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>A section that tells which of its keys foreign code asks for, by name or one after the other. What is below a key is free.</summary>
/// <param name="section">The section.</param>
/// <param name="ask">Hears of each key that is asked for, maybe more than once.</param>
internal sealed class WatchedSection(IConfigurationSection section, Action<string> ask) : IConfigurationSection
{
    public string Key => section.Key;

    public string Path => section.Path;

    public string? Value
    {
        get => section.Value;
        set => section.Value = value;
    }

    public string? this[string key]
    {
        get => Ask(key)[key];
        set => section[key] = value;
    }

    public IConfigurationSection GetSection(string key) => Ask(key).GetSection(key);

    /// <summary>Enumerating alone asks for nothing: the binder does it to see whether there is anything at all.</summary>
    public IEnumerable<IConfigurationSection> GetChildren() => section.GetChildren().Select(child => new WatchedChild(child, ask));

    public IChangeToken GetReloadToken() => section.GetReloadToken();

    private IConfigurationSection Ask(string key)
    {
        int colon = key.IndexOf(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
        ask(colon < 0 ? key : key[..colon]);
        return section;
    }

    /// <summary>An entry of the section: whoever looks at it has asked for it.</summary>
    private sealed class WatchedChild(IConfigurationSection child, Action<string> ask) : IConfigurationSection
    {
        public string Key => Ask().Key;

        public string Path => Ask().Path;

        public string? Value
        {
            get => Ask().Value;
            set => child.Value = value;
        }

        public string? this[string key]
        {
            get => Ask()[key];
            set => child[key] = value;
        }

        public IConfigurationSection GetSection(string key) => Ask().GetSection(key);

        public IEnumerable<IConfigurationSection> GetChildren() => Ask().GetChildren();

        public IChangeToken GetReloadToken() => child.GetReloadToken();

        private IConfigurationSection Ask()
        {
            ask(child.Key);
            return child;
        }
    }
}
