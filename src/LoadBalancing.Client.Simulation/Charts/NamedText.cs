using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A name, and what there is to say about it, in one line above a plot or a bar.</summary>
internal static class NamedText
{
    /// <summary>How many letters fit a plot on a phone, and a plot in a window.</summary>
    private const int PhoneLetters = 39;
    private const int WindowLetters = 84;

    /// <summary>Shorter than this, a name says nothing.</summary>
    private const int ShortestName = 9;

    /// <summary>One text, or two, of which one is for narrow places.</summary>
    public static IEnumerable<XElement> Create(double x, double y, string name, string what, string style)
    {
        (string Name, string What) wide = Fit(name, what, WindowLetters);
        (string Name, string What) narrow = Fit(name, what, PhoneLetters);
        return wide == narrow
            ? [CreateText(x, y, wide, style)]
            : [CreateText(x, y, wide, $"{style} wide"), CreateText(x, y, narrow, $"{style} narrow")];
    }

    /// <summary>Takes letters from the middle: what tells names apart is mostly at their end.</summary>
    public static string Shorten(string name, int letters) =>
        name.Length <= letters ? name : string.Concat(name.AsSpan(0, (letters - 1) / 2), "…", name.AsSpan(name.Length - (letters - 1 - ((letters - 1) / 2))));

    private static (string Name, string What) Fit(string name, string what, int letters)
    {
        string shortName = Shorten(name, Math.Max(ShortestName, letters - what.Length));
        int left = letters - shortName.Length;
        return (shortName, what.Length <= left ? what : string.Concat(what.AsSpan(0, left - 1), "…"));
    }

    private static XElement CreateText(double x, double y, (string Name, string What) texts, string style)
    {
        XElement text = Svg.Text(Svg.Number(x), y, "", style);
        text.Add(new XElement(Svg.Namespace + "tspan", new XAttribute("class", "name"), PlainText.Of(texts.Name)), texts.What.Length == 0 ? "" : $" {PlainText.Of(texts.What)}");
        return text;
    }
}
