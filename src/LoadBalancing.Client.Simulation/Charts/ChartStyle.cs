namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>The styles of charts; without the signs that XML escapes.</summary>
internal static class ChartStyle
{
    /// <summary>How many kinds of dashes there are. Not as many as there are colours, so that series which share one of them differ in the other.</summary>
    public const int DashCount = 5;

    private static readonly string[] Dashes = ["none", "7 4", "2 3", "10 3 2 3", "4 2"];

    /// <summary>Needs the custom properties of <see cref="Palette"/>.</summary>
    public static string Text { get; } = $$"""
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink)}
        svg .tick{fill:var(--muted);font-variant-numeric:tabular-nums}svg .axis{fill:var(--muted)}svg .title{font-size:16px;font-weight:600}
        .heat{shape-rendering:crispEdges}{{string.Concat(Enumerable.Range(0, Palette.HeatLevels).Select(level => FormattableString.Invariant($".h{level}{{fill:var(--h{level})}}")))}}.divider{stroke:var(--surface);stroke-width:2}svg .small{font-size:11px}.lane{fill:var(--band)}.lane-bar{stroke-width:1;vector-effect:non-scaling-stroke}.event{stroke:var(--warn)}.out{fill:var(--bad);stroke:var(--bad)}.partly{fill:var(--bad);fill-opacity:.35;stroke:var(--bad);stroke-opacity:.35}.leaving{fill:var(--note);stroke:var(--note)}
        .key-line{stroke:var(--muted)}.failed{stroke:var(--bad)}.late{stroke:var(--warn)}.failed-area{fill:var(--bad)}.late-area{fill:var(--warn)}.surface{fill:var(--surface)}.grid{stroke:var(--grid);stroke-width:1;shape-rendering:crispEdges}.base{stroke:var(--note);stroke-width:1;shape-rendering:crispEdges}
        .band{fill:var(--band)}.warmup{fill:var(--band);fill-opacity:.7}.event{fill:var(--warn)}svg .label{font-size:11.5px;font-variant-numeric:tabular-nums}svg .name{font-weight:600;fill:var(--ink)}.key{fill:var(--muted)}.track{stroke:var(--note);stroke-width:1.5}.leader{stroke:var(--note);stroke-width:1;fill:none}
        .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:butt;vector-effect:non-scaling-stroke}.thin{stroke-width:1.25}.narrow{display:none}.range{fill-opacity:.18;stroke:none}
        .halo{stroke:var(--surface);stroke-width:1.5;paint-order:stroke}
        {{string.Concat(Enumerable.Range(0, Palette.SeriesCount).Select(CreateSeries))}}
        {{string.Concat(Dashes.Select((dashes, index) => FormattableString.Invariant($".d{index}{{stroke-dasharray:{dashes}}}")))}}
        """.ReplaceLineEndings("");

    /// <summary>The style of a line of its own colour and dashes: colours and dashes go round at different lengths.</summary>
    public static string LineOf(int series) => FormattableString.Invariant($"line c{series % Palette.SeriesCount} d{series % DashCount}");

    /// <summary>The style of a line of the colour of a series, without dashes or with other ones.</summary>
    public static string LineOf(int series, int dashes) => FormattableString.Invariant($"line c{series % Palette.SeriesCount} d{dashes}");

    public static string FillOf(int series) => FormattableString.Invariant($"f{series % Palette.SeriesCount}");

    private static string CreateSeries(int index) => FormattableString.Invariant($".c{index}{{stroke:var(--s{index})}}svg .f{index}{{fill:var(--s{index})}}");
}
