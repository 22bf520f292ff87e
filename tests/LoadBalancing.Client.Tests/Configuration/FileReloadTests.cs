using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>A real file, watched by the real configuration, edited while threads pick.</summary>
public sealed class FileReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loadbalancing-").FullName;
    private readonly RecordingLog _log = new();

    [Fact]
    public async Task Edit_OfAWatchedFileUnderLoad_FailsNoPick()
    {
        Write(""" "Backends": { "a": "http://10.0.0.1:80", "b": "http://10.0.0.2:80" } """);
        using ConfigurationManager configuration = new();
        configuration.SetBasePath(_folder).AddJsonFile("appsettings.json", optional: false, reloadOnChange: true);
        await using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(configuration.GetSection("LoadBalancing:orders")).UseLoggerFactory(_log).Build();
        balancer.Start();
        int failed = 0;
        using CancellationTokenSource stop = new();
        Task[] callers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => PickAsync(balancer, () => Interlocked.Increment(ref failed), stop.Token)))];

        Write(""" "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": 4 }, "b": "http://10.0.0.2:80" } """);
        await Wait.UntilAsync(() => balancer.Backends.Find("a")!.Description.Weight.Equals(4));
        Write(""" "Policy": "round_robin", "Backends": { "b": "http://10.0.0.2:80", "c": "http://10.0.0.3:80" } """);
        await Wait.UntilAsync(() => balancer.Backends.Find("c") is not null);
        BackendSet before = balancer.Backends;
        Write(""" "Policy": "round_robin", "Backends": { "b": { "Address": "http://10.0.0.2:80", "Weight": "much" } } """);
        await Wait.UntilAsync(() => _log.Of("ConfigurationRefused").Count > 0);
        BackendSet after = balancer.Backends;

        await stop.CancelAsync();
        await Task.WhenAll(callers).Soon();
        failed.ShouldBe(0);
        after.ShouldBeSameAs(before);
        _log.Of("ConfigurationRefused").ShouldBe(
            ["Service orders: changed configuration refused, nothing was applied. LoadBalancing:orders:Backends:b:Weight = \"much\": must be a finite number, 0 or more"]);
        _log.Of("ConfigurationApplied").Count.ShouldBe(2);
    }

    [Fact]
    public async Task Edit_ThatIsNoJson_IsToldToTheLoadExceptionHandlerAloneAndChangesNothing()
    {
        Write(""" "Backends": { "a": "http://10.0.0.1:80" } """);
        using ConfigurationManager configuration = new();
        TaskCompletionSource<FileLoadExceptionContext> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        configuration.SetBasePath(_folder).AddJsonFile("appsettings.json", optional: false, reloadOnChange: true);
        configuration.SetFileLoadExceptionHandler(failure => told.TrySetResult(failure));
        await using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(configuration.GetSection("LoadBalancing:orders")).UseLoggerFactory(_log).Build();
        balancer.Start();

        Write(""" "Backends": { "a": "http://10.0.0.1:80", "A": "http://10.0.0.2:80" } """);
        FileLoadExceptionContext failure = await told.Task.Soon();

        failure.Provider.Source.Path.ShouldBe("appsettings.json");
        failure.Exception.InnerException.ShouldBeOfType<FormatException>();
        Write(""" "Backends": { "a": "http://10.0.0.1:80", "b": "http://10.0.0.2:80" } """);
        await Wait.UntilAsync(() => _log.Of("ConfigurationApplied").Count == 1);
        balancer.Backends.Count.ShouldBe(2);
        _log.Of("ConfigurationRefused").ShouldBeEmpty();
    }

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task PickAsync(Balancer balancer, Action failed, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (balancer.TryPick(default, out BackendLease lease))
            {
                await Task.Yield();
                lease.Complete(Outcome.Succeeded);
            }
            else
            {
                failed();
            }
        }
    }

    /// <summary>Replaces the file in one step, so that nobody reads half of it.</summary>
    private void Write(string inside)
    {
        string path = Path.Combine(_folder, "appsettings.json");
        File.WriteAllText(path + ".new", EditableJson.InOrders(inside));
        File.Move(path + ".new", path, overwrite: true);
    }
}
