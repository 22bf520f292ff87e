using System.Text.Json;
using System.Text.Json.Nodes;
using LoadBalancing.Client;

namespace Quickstart;

/// <summary>A settings file with the servers' addresses, in a temporary folder, that can be edited while the application runs.</summary>
internal sealed class LiveSettings : IDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private readonly DirectoryInfo _folder;
    private readonly JsonObject _backends = [];

    private LiveSettings(DirectoryInfo folder) => _folder = folder;

    public string Path => System.IO.Path.Combine(_folder.FullName, "addresses.json");

    public static LiveSettings Create(ServerFleet fleet)
    {
        LiveSettings settings = new(Directory.CreateTempSubdirectory("quickstart-"));
        foreach (ServerFleet.Server server in fleet.Servers)
        {
            settings._backends[server.Id] = new JsonObject { ["Address"] = server.Address };
        }

        settings.Save();
        return settings;
    }

    /// <summary>Edits the weight of a backend in the file, and waits until the balancer has noticed.</summary>
    public async Task SetWeightAsync(string id, double weight, Balancer balancer)
    {
        _backends[id]!["Weight"] = weight;
        Save();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
        while (balancer.Backends.Find(id)?.Description.Weight.Equals(weight) != true)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Save()
    {
        // Written beside and moved into place: a reader never sees half a file.
        JsonObject root = new() { ["LoadBalancing"] = new JsonObject { ["orders"] = new JsonObject { ["Backends"] = _backends.DeepClone() } } };
        string draft = Path + ".new";
        File.WriteAllText(draft, root.ToJsonString(Readable));
        File.Move(draft, Path, overwrite: true);
    }
}
