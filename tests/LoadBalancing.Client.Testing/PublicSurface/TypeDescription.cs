using System.Reflection;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Testing;

/// <summary>One type of the public surface: its declaration and its members.</summary>
internal static class TypeDescription
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines of a type, not indented.</summary>
    public static IEnumerable<string> Lines(Type type)
    {
        foreach (string attribute in Attributes.Lines(type))
        {
            yield return attribute;
        }

        if (IsDelegate(type))
        {
            yield return $"{Access(type)} delegate {MemberDescription.Signature(type.GetMethod("Invoke")!, TypeNames.Declared(type))}{TypeParameters.Constraints(TypeParameters.Own(type))};";
            yield break;
        }

        yield return Declaration(type);
        yield return "{";
        foreach (string line in type.IsEnum ? EnumMembers(type) : Members(type))
        {
            yield return "    " + line;
        }

        yield return "}";
    }

    private static string Declaration(Type type)
    {
        var bases = new List<string>();
        if (type.IsEnum)
        {
            bases.Add(TypeNames.Of(type.GetEnumUnderlyingType()));
        }
        else
        {
            if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object))
            {
                bases.Add(TypeNames.Of(parent));
            }

            bases.AddRange(NewInterfaces(type).Select(TypeNames.Of).Order(StringComparer.Ordinal));
        }

        string inherits = bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
        return $"{Access(type)} {Kind(type)} {TypeNames.Declared(type)}{inherits}{TypeParameters.Constraints(TypeParameters.Own(type))}";
    }

    // Not those that come with the base type or with another interface, and no private ones.
    private static IEnumerable<Type> NewInterfaces(Type type)
    {
        Type[] all = type.GetInterfaces();
        IEnumerable<Type> inherited = (type.BaseType?.GetInterfaces() ?? []).Concat(all.SelectMany(one => one.GetInterfaces()));
        return all.Except(inherited).Where(one => one.IsVisible);
    }

    private static string Access(Type type) => type switch
    {
        { IsNestedFamily: true } => "protected",
        { IsNestedFamORAssem: true } => "protected internal",
        _ => "public",
    };

    private static string Kind(Type type)
    {
        if (type.IsEnum)
        {
            return "enum";
        }

        if (type.IsInterface)
        {
            return "interface";
        }

        string record = IsRecord(type) ? "record " : "";
        if (type.IsValueType)
        {
            string immutable = type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "";
            return $"{immutable}{(type.IsByRefLike ? "ref " : "")}{record}struct";
        }

        string modifier = (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            _ => "",
        };
        return $"{modifier}{record}class";
    }

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<string> EnumMembers(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .OrderBy(field => Convert.ToDecimal(field.GetRawConstantValue(), null))
        .ThenBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => $"{field.Name} = {Literals.Of(field.GetRawConstantValue(), type.GetEnumUnderlyingType())},");

    /// <summary>Fields, constructors, properties, events, methods; each kind sorted by its text.</summary>
    private static IEnumerable<string> Members(Type type)
    {
        IEnumerable<IEnumerable<string?>> kinds =
        [
            type.GetFields(Declared).Select(MemberDescription.Of),
            type.GetConstructors(Declared).Where(IsWritten).Select(MemberDescription.Of),
            type.GetProperties(Declared).Select(MemberDescription.Of),
            type.GetEvents(Declared).Select(MemberDescription.Of),
            type.GetMethods(Declared).Where(IsWritten).Select(MemberDescription.Of),
        ];
        return kinds.SelectMany(kind => kind.OfType<string>().Order(StringComparer.Ordinal)).SelectMany(member => member.Split('\n'));
    }

    // Deconstruct is the one generated member that does not come with every record.
    private static bool IsWritten(MethodBase method) =>
        method.Name == "Deconstruct" || !method.IsDefined(typeof(CompilerGeneratedAttribute));
}
