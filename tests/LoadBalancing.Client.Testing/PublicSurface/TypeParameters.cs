using System.Reflection;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Testing;

/// <summary>Writes the type parameters of a generic type or method, and their constraints.</summary>
internal static class TypeParameters
{
    /// <summary>The type parameters without those of the types around it, which reflection repeats.</summary>
    public static Type[] Own(Type type) => type.GetGenericArguments()[InheritedCount(type)..];

    /// <summary>How many type parameters come from the types around a nested one.</summary>
    public static int InheritedCount(Type type) => type.DeclaringType?.GetGenericArguments().Length ?? 0;

    /// <summary><c>&lt;in T, out U&gt;</c>, or nothing.</summary>
    public static string List(Type[] parameters) =>
        parameters.Length == 0 ? "" : $"<{string.Join(", ", parameters.Select(parameter => Variance(parameter) + parameter.Name))}>";

    /// <summary><c> where T : class, new()</c> for each type parameter that is constrained.</summary>
    public static string Constraints(Type[] parameters) => string.Concat(parameters
        .Select(parameter => (parameter.Name, List: string.Join(", ", ConstraintsOf(parameter))))
        .Where(constraint => constraint.List.Length > 0)
        .Select(constraint => $" where {constraint.Name} : {constraint.List}"));

    private static string Variance(Type parameter) => (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
    {
        GenericParameterAttributes.Covariant => "out ",
        GenericParameterAttributes.Contravariant => "in ",
        _ => "",
    };

    private static IEnumerable<string> ConstraintsOf(Type parameter)
    {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        bool isUnmanaged = parameter.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "IsUnmanagedAttribute");
        if (isStruct)
        {
            yield return isUnmanaged ? "unmanaged" : "struct";
        }
        else if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            yield return NullableFlag(parameter) == 2 ? "class?" : "class";
        }
        else if (NullableFlag(parameter) == 1 && parameter.GetGenericParameterConstraints().Length == 0)
        {
            yield return "notnull";
        }

        foreach (string type in parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(TypeNames.Of).Order(StringComparer.Ordinal))
        {
            yield return type;
        }

        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            yield return "new()";
        }

        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike))
        {
            yield return "allows ref struct";
        }
    }

    /// <summary>The compiler's flag (1 = not null, 2 = nullable) of a type parameter, or of what surrounds it.</summary>
    private static byte NullableFlag(Type parameter)
    {
        if (parameter.GetCustomAttribute<NullableAttribute>() is { } own)
        {
            return own.NullableFlags[0];
        }

        for (MemberInfo? scope = (MemberInfo?)parameter.DeclaringMethod ?? parameter.DeclaringType; scope is not null; scope = scope.DeclaringType)
        {
            if (scope.GetCustomAttribute<NullableContextAttribute>() is { } context)
            {
                return context.Flag;
            }
        }

        return 0;
    }
}
