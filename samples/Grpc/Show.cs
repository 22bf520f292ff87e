using System.Diagnostics;
using System.Globalization;
using LoadBalancing.Client;
using Spectre.Console;

namespace GrpcSample;

/// <summary>Shows one phase after the other: a live table; where the output is no terminal, the table at the end of each phase.</summary>
internal sealed class Show(Balancer balancer, IReadOnlyList<Server> servers, Ledger ledger, double speed)
{
    private const int BarWidth = 24;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>Changes something, and lets the show go on for so long.</summary>
    public async Task PhaseAsync(string title, string explanation, double seconds, Func<Task>? change = null)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold]{title}[/]\n{explanation}");
        ledger.BeginPhase();
        await (change?.Invoke() ?? Task.CompletedTask);
        long started = Stopwatch.GetTimestamp();
        TimeSpan duration = TimeSpan.FromSeconds(seconds * speed);
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            await Task.Delay(duration);
            AnsiConsole.Write(Draw());
            return;
        }

        await AnsiConsole.Live(Draw()).StartAsync(async display =>
        {
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                await Task.Delay(Frame);
                display.UpdateTarget(Draw());
            }
        });
    }

    private static string Bar(int count, int total) => new('█', count * BarWidth / Math.Max(1, total));

    private Rows Draw()
    {
        (int calls, int streams) = (ledger.Calls, ledger.OpenStreams);
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("server").AddColumn("it")
            .AddColumn(new TableColumn("calls").RightAligned()).AddColumn("")
            .AddColumn(new TableColumn("open streams").RightAligned()).AddColumn("")
            .AddColumn(new TableColumn("in flight").RightAligned()).AddColumn("circuit").AddColumn("out because");
        foreach (Server server in servers)
        {
            BackendState? backend = balancer.Backends.Find(server.Id);
            Ledger.Account account = ledger[server.Id];
            table.AddRow(
                server.Id,
                server.IsAlive ? "works" : "is dead",
                account.Calls.ToString(CultureInfo.InvariantCulture),
                Bar(account.Calls, calls),
                account.OpenStreams.ToString(CultureInfo.InvariantCulture),
                Bar(account.OpenStreams, streams),
                backend?.InFlight.ToString(CultureInfo.InvariantCulture) ?? "",
                backend?.Circuit.ToString() ?? "",
                backend is null or { Unavailability: Unavailability.None } ? "" : backend.Unavailability.ToString());
        }

        return new Rows(table, new Text(string.Create(
            CultureInfo.InvariantCulture,
            $"  {calls} calls, {streams} streams open. Since the beginning: {ledger.Rescued} calls rescued by another attempt, {ledger.Broken} streams broke off and were opened again, {ledger.Lost} lost.")));
    }
}
