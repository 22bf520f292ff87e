using System.Globalization;
using LoadBalancing.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quickstart;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // Into a file or a pipe: plain text, no escapes.
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
}

// Four real servers on free loopback ports, and one HttpClient that spreads its requests over them.
await using ServerFleet fleet = await ServerFleet.StartAsync("server-a", "server-b", "server-c", "server-d");

// appsettings.json says how to balance. The ports are known only now, so a second file adds the addresses: files merge by backend id.
using LiveSettings addresses = LiveSettings.Create(fleet);
HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Configuration
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false)
    .AddJsonFile(addresses.Path, optional: false, reloadOnChange: true);
builder.Logging.SetMinimumLevel(LogLevel.Warning);

// This line is all that an application needs.
builder.Services.AddLoadBalancedHttpClient("orders", builder.Configuration.GetSection("LoadBalancing:orders"));

using IHost host = builder.Build();
await host.StartAsync();
HttpClient client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
Balancer balancer = host.Services.GetRequiredKeyedService<Balancer>("orders");
Load load = new(client, balancer, fleet);

AnsiConsole.Write(new Rule("[bold]LoadBalancing.Client[/]: every request picks its own backend").LeftJustified());
int failed = 0;

failed += await load.RunAsync("1. Four equal servers", "Same weights, same speed: an even split.");

fleet["server-c"].Delay = TimeSpan.FromMilliseconds(60);
failed += await load.RunAsync("2. server-c became slow (60 ms)", "least_request sees its requests pile up and sends fewer; nobody told it.");
fleet["server-c"].Delay = ServerFleet.NormalDelay;

await addresses.SetWeightAsync("server-a", 3, balancer);
failed += await load.RunAsync("3. Weight of server-a edited to 3", "The settings file was changed while running; no restart, no lost request.");

Task<int> busy = load.SendUnseenAsync();
await load.UnderWayAsync();
DrainResult drained = await balancer.DrainAsync("server-b", TimeSpan.FromSeconds(5));
failed += await busy;
failed += await load.RunAsync(
    "4. server-b drained",
    string.Create(CultureInfo.InvariantCulture, $"Under load: it finished what it had in {drained.Elapsed.TotalMilliseconds:0} ms ({drained.InFlight} left), and gets nothing new."));

busy = load.SendUnseenAsync();
await load.UnderWayAsync();
AnsiConsole.WriteLine();
AnsiConsole.MarkupLine("[bold]5. Why would a request go where it goes?[/]\nbalancer.Explain(default), under load:\n");
AnsiConsole.Profile.Out.Writer.WriteLine(balancer.Explain(default));
AnsiConsole.WriteLine();
failed += await busy;
AnsiConsole.MarkupLine(failed == 0 ? "[green]No request failed.[/]" : $"[red]{failed} requests failed.[/]");

await host.StopAsync();
return failed == 0 ? 0 : 1;
