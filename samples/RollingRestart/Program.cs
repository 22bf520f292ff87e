using System.Globalization;
using LoadBalancing.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RollingRestart;
using Spectre.Console;

// "--fast" makes it shorter.
bool isFast = args.Contains("--fast", StringComparer.Ordinal);
TimeSpan away = TimeSpan.FromSeconds(isFast ? 0.2 : 1);
TimeSpan pause = TimeSpan.FromSeconds(isFast ? 0.1 : 1);
const int Rounds = 3;
if (Console.IsOutputRedirected)
{
    // Into a file or a pipe: plain text, no escapes.
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
    AnsiConsole.Profile.Width = 140;
}

// Six real servers on free loopback ports.
Server[] servers = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => Server.StartAsync($"server-{i}")));
Ledger ledger = new();

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Logging.SetMinimumLevel(LogLevel.Warning);

// Nothing is configured but where they are: retries on another server, with a budget, and circuits are on by default.
builder.Services
    .AddLoadBalancedHttpClient("orders", balancer => balancer.AddBackends(servers.Select(server => new Backend(server.Address) { Id = server.Id })))
    .AddHttpMessageHandler(ledger.CreateHandler);

using IHost host = builder.Build();
await host.StartAsync();
Load load = Load.Start(host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders"));
Show show = new(host.Services.GetRequiredKeyedService<Balancer>("orders"), servers, load, ledger);

AnsiConsole.Write(new Rule("[bold]LoadBalancing.Client[/]: six servers are restarted under load, and no caller notices").LeftJustified());
for (int round = 1; round <= Rounds; round++)
{
    await show.RoundAsync(round, away, pause);
}

await load.DisposeAsync();
await host.StopAsync();
await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));

AnsiConsole.WriteLine();
AnsiConsole.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{servers.Sum(server => server.Restarts)} restarts, {load.Sent} requests, {load.Answered} answered, {load.Losses.Count} lost."));
foreach (string loss in load.Losses.Take(10))
{
    AnsiConsole.WriteLine($"  {loss}");
}

return load.Losses.Count == 0 && load.Answered == load.Sent ? 0 : 1;
