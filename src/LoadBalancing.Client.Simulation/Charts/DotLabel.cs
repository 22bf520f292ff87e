namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What stands below a dot, or below several that are too near to one another to have a label each.</summary>
/// <param name="Place">Where, as a share of the width.</param>
/// <param name="Text">What.</param>
/// <param name="Anchor">Which part of the text is there.</param>
/// <param name="Style">Whether it is meant for all widths, or only for narrow or wide ones.</param>
internal readonly record struct DotLabel(double Place, string Text, string Anchor, string Style)
{
    private const double PhoneWidth = 270;
    private const double WindowWidth = 500;
    private const double LetterWidth = 6.3;
    private const double Gap = 8;

    /// <summary>For narrow places and for wide ones. Where there is little room, the shape of a dot has to say what it is.</summary>
    public static IEnumerable<DotLabel> CreateAll(IReadOnlyList<string> kinds, DotRow row, IReadOnlyList<double> places, IReadOnlyList<int> present)
    {
        DotLabel[] narrow = [.. Create([.. kinds.Select(_ => "")], row, places, present, PhoneWidth)];
        DotLabel[] wide = [.. Create(kinds, row, places, present, WindowWidth)];
        return [.. narrow.Select(label => label with { Style = "label narrow" }), .. wide.Select(label => label with { Style = "label wide" })];
    }

    private static IEnumerable<DotLabel> Create(IReadOnlyList<string> kinds, DotRow row, IReadOnlyList<double> places, IReadOnlyList<int> present, double width)
    {
        List<(int First, int Last)> groups = [.. present.Select(kind => (kind, kind))];
        for (int i = 1; i < groups.Count; i++)
        {
            if (EndOf(groups[i - 1]).To + Gap > EndOf(groups[i]).From)
            {
                groups[i - 1] = (groups[i - 1].First, groups[i].Last);
                groups.RemoveAt(i);

                // What is wider now may touch what is before it.
                i = Math.Max(0, i - 2);
            }
        }

        return groups.Select(Label);

        (double From, double To) EndOf((int First, int Last) group)
        {
            DotLabel label = Label(group);
            (double x, double length) = (label.Place * width, label.Text.Length * LetterWidth);
            return label.Anchor switch
            {
                "start" => (x, x + length),
                "end" => (x - length, x),
                _ => (x - (length / 2), x + (length / 2)),
            };
        }

        DotLabel Label((int First, int Last) group)
        {
            string text = Describe(kinds, row, group.First, group.Last);
            double place = (places[group.First] + places[group.Last]) / 2;
            double half = text.Length * LetterWidth / 2 / width;
            return new DotLabel(place, text, place < half ? "start" : 1 - place < half ? "end" : "middle", "label");
        }
    }

    private static string Describe(IReadOnlyList<string> kinds, DotRow row, int first, int last)
    {
        string kind = first == last || kinds[first].Length == 0 ? kinds[first] : $"{kinds[first]}–{kinds[last]}";
        return $"{kind} {(row.Labels[first] == row.Labels[last] ? row.Labels[first] : $"{row.Labels[first]}–{row.Labels[last]}")}".TrimStart();
    }
}
