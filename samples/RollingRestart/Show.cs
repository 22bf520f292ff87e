using System.Globalization;
using LoadBalancing.Client;
using Spectre.Console;

namespace RollingRestart;

/// <summary>Restarts all servers, one after the other, and shows the counters meanwhile; where the output is no terminal, after each round.</summary>
internal sealed class Show(Balancer balancer, IReadOnlyList<Server> servers, Load load, Ledger ledger)
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    public async Task RoundAsync(int round, TimeSpan away, TimeSpan pause)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold]Round {round}[/]");
        Task restarting = Task.Run(() => RestartAllAsync(away, pause));
        if (AnsiConsole.Profile.Capabilities.Interactive)
        {
            await AnsiConsole.Live(Draw()).StartAsync(async display =>
            {
                while (!restarting.IsCompleted)
                {
                    await Task.Delay(Frame);
                    display.UpdateTarget(Draw());
                }
            });
        }

        await restarting;
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            AnsiConsole.Write(Draw());
        }
    }

    private async Task RestartAllAsync(TimeSpan away, TimeSpan pause)
    {
        foreach (Server server in servers)
        {
            await server.RestartAsync(away);
            await Task.Delay(pause);
        }
    }

    private Table Draw()
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("server").AddColumn("it").AddColumn(new TableColumn("restarts").RightAligned())
            .AddColumn(new TableColumn("attempts").RightAligned()).AddColumn(new TableColumn("failed").RightAligned()).AddColumn("circuit");
        foreach (Server server in servers)
        {
            Ledger.Account account = ledger[server];
            table.AddRow(
                server.Id,
                server.Phase.ToString(),
                Text(server.Restarts),
                Text(account.Attempts),
                Text(account.Failed),
                balancer.Backends.Find(server.Id)?.Circuit.ToString() ?? "");
        }

        return table.Caption(string.Create(
            CultureInfo.InvariantCulture, $"{load.Sent} requests, {load.Answered} answered, {load.Losses.Count} lost; {Math.Max(0, ledger.Attempts - load.Sent)} sent again"));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
