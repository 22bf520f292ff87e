using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>Configuration from a JSON text that a test can change, as a file that is watched.</summary>
internal sealed class EditableJson : JsonConfigurationProvider, IConfigurationSource
{
    public EditableJson(string json)
        : base(new JsonConfigurationSource { Optional = true }) => Parse(json);

    public override void Load()
    {
    }

    /// <summary>Changes the text, and gives notice.</summary>
    public void Edit(string json)
    {
        Parse(json);
        OnReload();
    }

    /// <summary>Gives notice without a change, as file watchers do.</summary>
    public void Touch() => OnReload();

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The configuration of these texts; later ones win.</summary>
    public static IConfigurationRoot Configuration(params EditableJson[] files)
    {
        ConfigurationBuilder builder = new();
        Array.ForEach(files, file => builder.Add(file));
        return builder.Build();
    }

    /// <summary>The section <c>LoadBalancing:orders</c> of JSON texts that each hold what is inside of it.</summary>
    public static IConfigurationSection Orders(params string[] texts) =>
        Configuration(Array.ConvertAll(texts, text => new EditableJson(InOrders(text)))).GetSection("LoadBalancing:orders");

    /// <summary>Wraps the inside of the section <c>LoadBalancing:orders</c>.</summary>
    public static string InOrders(string inside) => $$"""{ "LoadBalancing": { "orders": { {{inside}} } } }""";

    private void Parse(string json)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json));
        Load(stream);
    }
}
