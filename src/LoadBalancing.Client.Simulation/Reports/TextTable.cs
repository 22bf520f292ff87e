using System.Text;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A table of text: the first column is aligned to the left, the others, which hold numbers, to the right. Any font of fixed width, no width of a terminal.</summary>
internal sealed class TextTable(params string[] header)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [header];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        int[] widths = [.. header.Select((_, column) => _rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        for (int i = 0; i < _rows.Count; i++)
        {
            text.AppendLine(string.Join(Gap, _rows[i].Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
            if (i == 0)
            {
                text.AppendLine(string.Join(Gap, widths.Select(width => new string('-', width))));
            }
        }

        return text.ToString();
    }
}
