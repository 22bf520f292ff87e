using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Elements of a page, which is well-formed XML too: what is text is escaped by the writer of XML.</summary>
internal static class Html
{
    /// <param name="name">What it is, and its class: <c>p.note</c>.</param>
    /// <param name="content">Elements, attributes, and text.</param>
    public static XElement Element(string name, params IEnumerable<object?> content)
    {
        string[] parts = name.Split('.');
        XElement element = new(parts[0]);
        if (parts.Length > 1)
        {
            element.SetAttributeValue("class", string.Join(' ', parts.Skip(1)));
        }

        foreach (object? part in content)
        {
            element.Add(part is string text ? PlainText.Of(text) : part);
        }

        // In a page, an element that closes itself is open.
        if (element.IsEmpty && parts[0] is not ("meta" or "wbr"))
        {
            element.Value = "";
        }

        return element;
    }

    /// <summary>A policy's name, which may go on in another line where its options begin.</summary>
    public static IEnumerable<object> Policy(string name)
    {
        string[] parts = name.Split(':', 2);
        return parts.Length == 1 ? [PlainText.Of(name)] : [PlainText.Of(parts[0]) + ":", Element("wbr"), PlainText.Of(parts[1])];
    }

    public static XAttribute Attribute(string name, string value) => new(name, PlainText.Of(value));
}
