using System.Reflection;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Testing;

/// <summary>One member of the public surface; null for a member that others cannot see.</summary>
internal static class MemberDescription
{
    public static string? Of(FieldInfo field)
    {
        if (Access(Visibility(field), field.DeclaringType!) is not { } access)
        {
            return null;
        }

        string modifier = field switch
        {
            { IsLiteral: true } => "const ",
            { IsStatic: true, IsInitOnly: true } => "static readonly ",
            { IsStatic: true } => "static ",
            { IsInitOnly: true } => "readonly ",
            _ => "",
        };
        string value = field.IsLiteral ? " = " + Literals.Of(field.GetRawConstantValue(), field.FieldType) : "";
        return WithAttributes(field, $"{access}{Required(field)}{modifier}{TypeNames.Of(field)} {field.Name}{value};");
    }

    public static string? Of(ConstructorInfo constructor)
    {
        Type type = constructor.DeclaringType!;
        return !constructor.IsStatic && Access(Visibility(constructor), type) is { } access
            ? WithAttributes(constructor, $"{access}{TypeNames.Simple(type)}({Parameters(constructor)});")
            : null;
    }

    public static string? Of(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
        if (accessors.Length == 0)
        {
            return null;
        }

        // The property is as visible as its more visible accessor; the other one says its own access.
        MethodInfo main = accessors.MaxBy(Visibility)!;
        Type type = property.DeclaringType!;
        string access = Access(Visibility(main), type)!;
        IEnumerable<string> texts = accessors
            .OrderBy(accessor => accessor != property.GetMethod)
            .Select(accessor => (Visibility(accessor) == Visibility(main) ? "" : Access(Visibility(accessor), type)) + Verb(accessor, property));
        string name = property.GetIndexParameters() is { Length: > 0 } index ? $"this[{Parameters(index)}]" : property.Name;
        return WithAttributes(
            property,
            $"{access}{Required(property)}{Modifiers(main)}{TypeNames.Of(property)} {name} {{ {string.Join(" ", texts)} }}");
    }

    public static string? Of(EventInfo @event)
    {
        MethodInfo add = @event.AddMethod!;
        return IsVisible(add)
            ? WithAttributes(@event, $"{Access(Visibility(add), @event.DeclaringType!)}{Modifiers(add)}event {TypeNames.Of(@event)} {@event.Name};")
            : null;
    }

    public static string? Of(MethodInfo method)
    {
        bool isOperator = method.Name.StartsWith("op_", StringComparison.Ordinal);
        if (!IsVisible(method) || (method.IsSpecialName && !isOperator))
        {
            return null;
        }

        Type[] generics = method.GetGenericArguments();
        string name = isOperator ? "operator " + method.Name["op_".Length..] : method.Name + TypeParameters.List(generics);
        string access = Access(Visibility(method), method.DeclaringType!)!;
        return WithAttributes(method, $"{access}{Modifiers(method)}{Signature(method, name)}{TypeParameters.Constraints(generics)};");
    }

    /// <summary>Return type, the given name and parameters.</summary>
    public static string Signature(MethodInfo method, string name) =>
        $"{ReturnRef(method.ReturnParameter)}{TypeNames.Of(method.ReturnParameter)} {name}({Parameters(method)})";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string modifier = parameter switch
        {
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
            { ParameterType.IsByRef: false } => "",
            { IsOut: true } => "out ",
            _ when parameter.IsDefined(typeof(RequiresLocationAttribute)) => "ref readonly ",
            { IsIn: true } => "in ",
            _ => "ref ",
        };
        string value = parameter.HasDefaultValue ? " = " + Literals.Of(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{(parameter.IsDefined(typeof(ScopedRefAttribute)) ? "scoped " : "")}{modifier}{TypeNames.Of(parameter)} {parameter.Name}{value}";
    }

    private static string ReturnRef(ParameterInfo result) => !result.ParameterType.IsByRef
        ? ""
        : result.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.InteropServices.InAttribute)) ? "ref readonly " : "ref ";

    private static string Verb(MethodInfo accessor, PropertyInfo property) => accessor == property.GetMethod
        ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private static string Required(MemberInfo member) => member.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";

    private static string WithAttributes(MemberInfo member, string text) => string.Join('\n', [.. Attributes.Lines(member), text]);

    private static string Modifiers(MethodInfo method)
    {
        bool overrides = method.GetBaseDefinition() != method;
        bool isInterface = method.DeclaringType!.IsInterface;
        string inheritance = method switch
        {
            { IsAbstract: true, IsStatic: false } when isInterface => "",
            { IsAbstract: true } => overrides ? "abstract override " : "abstract ",
            _ when overrides => method.IsFinal && !method.DeclaringType!.IsSealed ? "sealed override " : "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return (method.IsStatic ? "static " : "") + (method.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + inheritance;
    }

    private static bool IsVisible(MethodInfo method) => Access(Visibility(method), method.DeclaringType!) is not null;

    private static FieldAttributes Visibility(FieldInfo field) => field.Attributes & FieldAttributes.FieldAccessMask;

    // The masks of fields and methods have the same values, in the order of visibility.
    private static FieldAttributes Visibility(MethodBase method) =>
        (FieldAttributes)(int)(method.Attributes & MethodAttributes.MemberAccessMask);

    private static string? Access(FieldAttributes visibility, Type type) => visibility switch
    {
        FieldAttributes.Public => type.IsInterface ? "" : "public ",
        FieldAttributes.FamORAssem when !type.IsSealed => "protected internal ",
        FieldAttributes.Family when !type.IsSealed => "protected ",
        _ => null,
    };
}
