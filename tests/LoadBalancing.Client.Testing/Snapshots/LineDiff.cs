namespace LoadBalancing.Client.Testing;

/// <summary>A diff of two texts for people to read: changed lines with a little of what surrounds them.</summary>
internal static class LineDiff
{
    private const int Context = 2;

    /// <summary>Lines that start with <c>-</c> are only in the first text, those with <c>+</c> only in the second.</summary>
    public static string Describe(string expected, string actual)
    {
        List<(char Mark, string Line)> lines = Compare(expected.Split('\n'), actual.Split('\n'));
        var shown = new List<string>();
        bool skipped = false;
        for (int i = 0; i < lines.Count; i++)
        {
            int from = Math.Max(0, i - Context);
            int to = Math.Min(lines.Count, i + Context + 1);
            if (lines[from..to].TrueForAll(line => line.Mark == ' '))
            {
                skipped = true;
                continue;
            }

            if (skipped)
            {
                shown.Add("  ...");
                skipped = false;
            }

            shown.Add($"{lines[i].Mark} {lines[i].Line}");
        }

        return string.Join('\n', shown);
    }

    // The textbook longest common subsequence: common[i, j] is its length for the ends of both texts from i and j.
    private static List<(char Mark, string Line)> Compare(string[] left, string[] right)
    {
        int[,] common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
        {
            for (int j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<(char, string)>();
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                lines.Add((' ', left[i++]));
                j++;
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(('-', left[i++]));
            }
            else
            {
                lines.Add(('+', right[j++]));
            }
        }

        return lines;
    }
}
