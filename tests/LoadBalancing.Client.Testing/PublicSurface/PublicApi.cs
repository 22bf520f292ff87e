using System.Reflection;
using System.Text;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// Writes down what an assembly offers to others, in a form like C#, so that a snapshot test shows every change of it.
/// </summary>
/// <remarks>
/// Public and protected types and members, sorted ordinally by namespace, name and text. Members that the compiler makes
/// for every record are not listed: the word <c>record</c> says that they are there. An unconstrained <c>T</c> reads as
/// <c>T?</c>, since reflection does not tell the two apart.
/// </remarks>
public static class PublicApi
{
    /// <summary>Describes the public surface of an assembly.</summary>
    public static string Describe(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return Describe(assembly.GetTypes());
    }

    /// <summary>Describes those of some types that are visible to others.</summary>
    public static string Describe(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        IEnumerable<IGrouping<string, Type>> namespaces = types
            .Where(IsVisible)
            .GroupBy(type => type.Namespace ?? "", StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (IGrouping<string, Type> group in namespaces)
        {
            text.Append("namespace ").Append(group.Key).Append("\n{\n");
            IEnumerable<string> descriptions = group
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
                .Select(type => string.Concat(TypeDescription.Lines(type).Select(line => $"    {line}\n")));
            text.AppendJoin('\n', descriptions).Append("}\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static bool IsVisible(Type type) =>
        !type.Name.StartsWith('<') // the compiler's: extension blocks, closures
        && (type.IsPublic
            || (type.IsNestedPublic && IsVisible(type.DeclaringType!))
            || ((type.IsNestedFamily || type.IsNestedFamORAssem) && !type.DeclaringType!.IsSealed && IsVisible(type.DeclaringType!)));
}
