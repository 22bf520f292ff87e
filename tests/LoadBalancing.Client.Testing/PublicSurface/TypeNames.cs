using System.Reflection;

namespace LoadBalancing.Client.Testing;

/// <summary>Writes types as C# does, with the nullability of references.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(FieldInfo field) => Of(field.FieldType, new NullabilityInfoContext().Create(field));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Of(EventInfo @event) => Of(@event.EventHandlerType!, new NullabilityInfoContext().Create(@event));

    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    /// <summary>A type where nothing is known of nullability: a base type, a constraint.</summary>
    public static string Of(Type type) => Of(type, null);

    /// <summary>The name as its declaration shows it, after the types that it is nested in.</summary>
    public static string Declared(Type type)
    {
        string outer = type.DeclaringType is { } declaring ? Declared(declaring) + "." : "";
        return outer + Simple(type) + TypeParameters.List(TypeParameters.Own(type));
    }

    /// <summary>The bare name: no namespace, no type parameters.</summary>
    public static string Simple(Type type) => type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var end ? type.Name[..end] : type.Name;

    private static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            // The nullability of a by-ref is that of what it refers to.
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value, nullability?.GenericTypeArguments is [var inner] ? inner : null) + "?";
        }

        string mark = !type.IsValueType && IsNullable(nullability) ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!, null) + "*";
        }

        return (Keywords.TryGetValue(type, out string? keyword) ? keyword : Named(type, nullability)) + mark;
    }

    private static string Named(Type type, NullabilityInfo? nullability)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        Type[] arguments = type.GetGenericArguments();
        string[] names = [.. arguments.Select((argument, i) => Of(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i)))];
        return WithArguments(type, names);
    }

    // The arguments of the types around a nested one come first.
    private static string WithArguments(Type type, string[] names)
    {
        int inherited = TypeParameters.InheritedCount(type);
        string outer = type.DeclaringType is { } declaring ? WithArguments(declaring, names[..inherited]) + "." : "";
        return outer + Simple(type) + (names.Length == inherited ? "" : $"<{string.Join(", ", names[inherited..])}>");
    }

    // A property is what its getter returns, if it has one; its setter may only allow more.
    private static bool IsNullable(NullabilityInfo? nullability) => nullability is not null
        && (nullability.ReadState == NullabilityState.Unknown ? nullability.WriteState : nullability.ReadState) == NullabilityState.Nullable;
}
