using System.Text;
using System.Xml;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Text that a file of XML can hold.</summary>
internal static class PlainText
{
    /// <summary>The same without characters that XML does not have, such as most control characters and halves of a pair: each is shown as the replacement character.</summary>
    public static string Of(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            plain.Append(rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD");
        }

        return plain.ToString();
    }
}
