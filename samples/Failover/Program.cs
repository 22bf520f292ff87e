using Failover;
using LoadBalancing.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

// "--fast" makes the phases shorter.
double speed = args.Contains("--fast", StringComparer.Ordinal) ? 0.3 : 1;
if (Console.IsOutputRedirected)
{
    // Into a file or a pipe: plain text, no escapes.
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
    AnsiConsole.Profile.Width = 140;
}

// Five real servers on free loopback ports.
Server[] servers = await Task.WhenAll(((string[])["server-a", "server-b", "server-c", "server-d", "server-e"]).Select(Server.StartAsync));
(Server a, Server b, Server c, Server d, Server e) = (servers[0], servers[1], servers[2], servers[3], servers[4]);
Ledger ledger = new();

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Logging.SetMinimumLevel(LogLevel.Warning);

// All that the balancer can notice with, and all of it faster than an application would have it: a show cannot wait.
builder.Services
    .AddLoadBalancedHttpClient("orders", balancer => balancer
        .AddBackends(servers.Select(server => new Backend(server.Address) { Id = server.Id }))
        .UseAttemptTimeout(TimeSpan.FromMilliseconds(300))
        .UseCircuitBreaker(breaker =>
        {
            breaker.BreakDuration = TimeSpan.FromSeconds(1 * speed);
            breaker.MaxBreakDuration = TimeSpan.FromSeconds(8 * speed);
        })
        .UseActiveHealthChecks(probe =>
        {
            probe.Path = "/health";
            probe.Interval = TimeSpan.FromSeconds(0.5 * speed);
            probe.Timeout = TimeSpan.FromSeconds(0.3 * speed);
        })
        .UseOutlierDetection(outliers =>
        {
            outliers.Interval = TimeSpan.FromSeconds(1);
            outliers.BaseEjectionTime = TimeSpan.FromSeconds(2 * speed);
            outliers.MaxEjectionTimeJitter = TimeSpan.Zero;
        })
        .UseSlowStart(slowStart => slowStart.Window = TimeSpan.FromSeconds(Math.Max(1, 3 * speed))))
    .AddHttpMessageHandler(ledger.CreateHandler);

using IHost host = builder.Build();
await host.StartAsync();
HttpClient client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
Balancer balancer = host.Services.GetRequiredKeyedService<Balancer>("orders");
Show show = new(balancer, servers, ledger, new News(balancer), speed);

AnsiConsole.Write(new Rule("[bold]LoadBalancing.Client[/]: what happens when servers misbehave").LeftJustified());
string outside;
await using (Load.Start(client))
{
    await show.PhaseAsync("1. Five servers, all well", "An even split.", 3);

    await show.PhaseAsync(
        "2. server-b answers 503, at once",
        "Five failures in a row open its circuit and eject it; least_request alone would have sent it more and more, since it is always idle.",
        5,
        () => b.BecomeAsync(Behaviour.FailsFast));

    await show.PhaseAsync(
        "3. server-b works again",
        "When probes, circuit and ejection agree, it is back, and gets its share little by little.",
        8,
        () => b.BecomeAsync(Behaviour.Works));

    await show.PhaseAsync(
        "4. server-c takes requests and never answers",
        "What is in flight there piles up, attempts time out, and probes do too.",
        5,
        () => c.BecomeAsync(Behaviour.Hangs));

    await show.PhaseAsync(
        "5. server-c goes on; server-d is slow (150 ms)",
        "Slow is not broken: server-d stays, and gets as much as it can do.",
        7,
        () => Task.WhenAll(c.BecomeAsync(Behaviour.Works), d.BecomeAsync(Behaviour.IsSlow)));

    await show.PhaseAsync(
        "6. server-e works and fails by turns",
        "Each relapse keeps it out for longer.",
        9,
        () => Task.WhenAll(d.BecomeAsync(Behaviour.Works), e.BecomeAsync(Behaviour.Flaps)));

    await show.PhaseAsync(
        "7. server-a dies",
        "Its connections are reset, then refused.",
        5,
        () => Task.WhenAll(e.BecomeAsync(Behaviour.Works), a.BecomeAsync(Behaviour.IsDown)));

    await show.PhaseAsync(
        "8. Only server-e is left",
        "The service level says so: a moment to shed what can be done without.",
        4,
        () => Task.WhenAll(b.BecomeAsync(Behaviour.Hangs), c.BecomeAsync(Behaviour.IsDown), d.BecomeAsync(Behaviour.FailsFast)));
    outside = balancer.Explain(default).ToString();

    await show.PhaseAsync(
        "9. Everybody is back",
        "On the ports that they had; nobody had to tell the client.",
        12,
        () => Task.WhenAll(servers.Select(server => server.BecomeAsync(Behaviour.Works))));
}

AnsiConsole.WriteLine();
AnsiConsole.MarkupLine("[bold]What balancer.Explain(default) said at the end of phase 8[/]\n");
AnsiConsole.Profile.Out.Writer.WriteLine(outside);

await host.StopAsync();
await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
return 0;
