using System.Diagnostics;
using System.Globalization;
using LoadBalancing.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Failover;

/// <summary>Shows one phase after the other: a live table and the events as they happen; where the output is no terminal, the events, and the table at the end of each phase.</summary>
internal sealed class Show(Balancer balancer, IReadOnlyList<Server> servers, Ledger ledger, News news, double speed)
{
    private const int BarWidth = 30;
    private const int LatestEvents = 6;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    private int _seen;

    /// <summary>Changes something, and lets the show go on for so long.</summary>
    public async Task PhaseAsync(string title, string explanation, double seconds, Func<Task>? change = null)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold]{title}[/]\n{explanation}");
        ledger.Clear();
        await (change?.Invoke() ?? Task.CompletedTask);
        long started = Stopwatch.GetTimestamp();
        TimeSpan duration = TimeSpan.FromSeconds(seconds * speed);
        if (AnsiConsole.Profile.Capabilities.Interactive)
        {
            await AnsiConsole.Live(Draw()).StartAsync(async display =>
            {
                while (Stopwatch.GetElapsedTime(started) < duration)
                {
                    await Task.Delay(Frame);
                    display.UpdateTarget(Draw());
                }
            });
            return;
        }

        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await Task.Delay(Frame);
            foreach (string line in news.TakeNew(ref _seen))
            {
                AnsiConsole.WriteLine($"  {line}");
            }
        }

        AnsiConsole.Write(DrawTable());
    }

    private Rows Draw() => new([DrawTable(), .. news.Latest(LatestEvents).Select(line => new Text($"  {line}"))]);

    private Table DrawTable()
    {
        int total = Math.Max(1, ledger.Sent);
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("server").AddColumn("it").AddColumn(new TableColumn("share").RightAligned()).AddColumn("")
            .AddColumn(new TableColumn("failed").RightAligned()).AddColumn(new TableColumn("in flight").RightAligned()).AddColumn("circuit").AddColumn("out because");
        foreach (Server server in servers)
        {
            BackendState? backend = balancer.Backends.Find(server.Id);
            Ledger.Account account = ledger[server];
            table.AddRow(
                server.Id,
                server.Behaviour.ToString(),
                string.Create(CultureInfo.InvariantCulture, $"{100.0 * account.Sent / total:0.0} %"),
                new string('█', account.Sent * BarWidth / total),
                account.Failed.ToString(CultureInfo.InvariantCulture),
                backend?.InFlight.ToString(CultureInfo.InvariantCulture) ?? "",
                backend?.Circuit.ToString() ?? "",
                backend is null or { Unavailability: Unavailability.None } ? "" : backend.Unavailability.ToString());
        }

        return table.Caption(string.Create(CultureInfo.InvariantCulture, $"{ledger.Sent} requests, {ledger.Failed} failed; service level {balancer.ServiceLevel}"));
    }
}
