using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LoadBalancing.Client;
using Spectre.Console;

namespace Quickstart;

/// <summary>Sends requests, 32 at a time, and shows who served them.</summary>
internal sealed class Load(HttpClient client, Balancer balancer, ServerFleet fleet)
{
    private const int Requests = 2_000;
    private const int Concurrency = 32;
    private const int BarWidth = 40;

    /// <returns>How many requests failed.</returns>
    public async Task<int> RunAsync(string title, string explanation)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold]{title}[/]\n{explanation}");
        Phase phase = new();
        if (AnsiConsole.Profile.Capabilities.Interactive)
        {
            await AnsiConsole.Live(Draw(phase)).StartAsync(async display =>
            {
                Task sending = SendAllAsync(phase);
                while (!sending.IsCompleted)
                {
                    await Task.WhenAny(sending, Task.Delay(100));
                    display.UpdateTarget(Draw(phase));
                }

                await sending;
                display.UpdateTarget(Draw(phase));
            });
        }
        else
        {
            await SendAllAsync(phase);
            AnsiConsole.Write(Draw(phase));
        }

        return phase.Failed;
    }

    /// <summary>Sends as many requests without a table.</summary>
    /// <returns>How many requests failed.</returns>
    public async Task<int> SendUnseenAsync()
    {
        Phase phase = new();
        await SendAllAsync(phase);
        return phase.Failed;
    }

    /// <summary>Completes when requests are in flight.</summary>
    public async Task UnderWayAsync()
    {
        while (balancer.Backends.Sum(backend => backend.InFlight) < Concurrency / 2)
        {
            await Task.Delay(1);
        }
    }

    private async Task SendAllAsync(Phase phase) =>
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (number, cancellationToken) =>
        {
            long started = Stopwatch.GetTimestamp();
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri($"/orders/{number}", UriKind.Relative), cancellationToken);
                response.EnsureSuccessStatusCode();
                string server = (await response.Content.ReadAsStringAsync(cancellationToken)).Split(' ')[0];
                phase.Served.AddOrUpdate(server, 1, (_, count) => count + 1);
                phase.Milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref phase.Failed);
            }
        });

    private Table Draw(Phase phase)
    {
        int total = Math.Max(1, phase.Served.Values.Sum());
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("server").AddColumn(new TableColumn("weight").RightAligned()).AddColumn(new TableColumn("requests").RightAligned())
            .AddColumn(new TableColumn("share").RightAligned()).AddColumn("").AddColumn("state");
        foreach (ServerFleet.Server server in fleet.Servers)
        {
            BackendState? backend = balancer.Backends.Find(server.Id);
            int served = phase.Served.GetValueOrDefault(server.Id);
            table.AddRow(
                server.Id,
                Text(backend?.Description.Weight),
                Text(served),
                Text(100.0 * served / total, "0.0") + " %",
                new string('█', served * BarWidth / total),
                backend is null ? "gone" : backend.Unavailability == Unavailability.None ? "eligible" : backend.Unavailability.ToString());
        }

        double[] sorted = [.. phase.Milliseconds.Order()];
        string latency = sorted.Length == 0 ? "" : $", median {Text(sorted[sorted.Length / 2], "0.0")} ms, p99 {Text(sorted[(int)(sorted.Length * 0.99)], "0.0")} ms";
        return table.Caption($"{total} answered, {phase.Failed} failed{latency}");
    }

    private static string Text(IFormattable? value, string format = "0.##") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>What one phase has seen so far.</summary>
    private sealed class Phase
    {
        public readonly ConcurrentDictionary<string, int> Served = new(StringComparer.Ordinal);
        public readonly ConcurrentBag<double> Milliseconds = [];
        public int Failed;
    }
}
