using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace LoadBalancing.Client.Testing;

/// <summary>Writes constants and default values as C# does.</summary>
internal static class Literals
{
    /// <param name="value">As reflection gives it: raw, so a number for an enum.</param>
    /// <param name="type">The type of the constant or parameter.</param>
    public static string Of(object? value, Type type)
    {
        Type plain = type.IsByRef ? type.GetElementType()! : type;
        Type target = Nullable.GetUnderlyingType(plain) ?? plain;
        return value switch
        {
            null or DBNull => plain.IsValueType && target == plain ? "default" : "null",
            _ when target.IsEnum => EnumValue(value, target),
            string text => SymbolDisplay.FormatLiteral(text, quote: true),
            char character => SymbolDisplay.FormatLiteral(character, quote: true),
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string EnumValue(object value, Type type)
    {
        object member = Enum.ToObject(type, value);
        string name = Convert.ToString(member, CultureInfo.InvariantCulture)!;
        return Enum.IsDefined(type, member) ? $"{type.Name}.{name}" : $"({type.Name}){name}";
    }
}
