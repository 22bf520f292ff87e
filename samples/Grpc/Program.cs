using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using GrpcSample;
using LoadBalancing.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

// "--fast" makes the phases shorter.
double speed = args.Contains("--fast", StringComparer.Ordinal) ? 0.35 : 1;
if (Console.IsOutputRedirected)
{
    // Into a file or a pipe: plain text, no escapes.
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
    AnsiConsole.Profile.Width = 140;
}

// Four real gRPC servers on free loopback ports.
Server[] servers = await Task.WhenAll(((string[])["server-a", "server-b", "server-c", "server-d"]).Select(Server.StartAsync));
(Server b, Server c) = (servers[1], servers[2]);

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Logging.SetMinimumLevel(LogLevel.Warning);

// A shorter break than an application would have: a show cannot wait.
builder.Services.AddLoadBalancer("orders", balancer => balancer
    .AddBackends(servers.Select(server => new Backend(server.Address) { Id = server.Id }))
    .UsePolicy(new LeastRequestPolicy())
    .UseCircuitBreaker(breaker => breaker.BreakDuration = TimeSpan.FromSeconds(1 * speed))
    .UseSlowStart(slowStart => slowStart.Window = TimeSpan.FromSeconds(Math.Max(1, 3 * speed))));

using IHost host = builder.Build();
await host.StartAsync();
Balancer balancer = host.Services.GetRequiredKeyedService<Balancer>("orders");

// gRPC retries; the balanced invoker sees to it that the next attempt goes to another backend.
GrpcChannelOptions options = new()
{
    MaxReconnectBackoff = TimeSpan.FromSeconds(1 * speed),
    InitialReconnectBackoff = TimeSpan.FromSeconds(0.2 * speed),
    ServiceConfig = new ServiceConfig
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 4,
                    InitialBackoff = TimeSpan.FromMilliseconds(20),
                    MaxBackoff = TimeSpan.FromMilliseconds(200),
                    BackoffMultiplier = 2,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    },
};
using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", options.UseLoadBalancing(host.Services));
Orders.OrdersClient client = new(channel.CreateBalancedInvoker());

Ledger ledger = new();
Show show = new(balancer, servers, ledger, speed);
AnsiConsole.Write(new Rule("[bold]LoadBalancing.Client[/]: gRPC, short calls and long streams").LeftJustified());
await using (Load.Start(client, ledger, speed))
{
    await show.PhaseAsync("1. Four servers, all well", "A stream counts until it ends, though its headers came at once: so they are spread evenly, and calls go where there are fewest.", 4);

    await show.PhaseAsync(
        "2. server-b dies",
        "Its streams break off, and their watchers open them elsewhere. The calls that were on their way are sent again, to others.",
        5,
        b.DieAsync);

    await show.PhaseAsync(
        "3. server-b is back",
        "On its port; nobody had to tell the client. It gets its share little by little, and most of the new streams.",
        6,
        b.StartAsync);

    await show.PhaseAsync(
        "4. server-c is drained",
        "Nothing new goes there; its streams go on until their watchers have seen enough, and then its connection is closed.",
        5,
        () =>
        {
            _ = balancer.DrainAsync(c.Id, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
}

AnsiConsole.WriteLine();
AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Lost: {ledger.Lost}. Rescued by another attempt: {ledger.Rescued}."));

await host.StopAsync();
await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
return ledger.Lost == 0 ? 0 : 1;
