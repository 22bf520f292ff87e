using System.Reflection;
using System.Reflection.Metadata;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>What assemblies offer to others: their visible types and members.</summary>
internal sealed class Surface
{
    private readonly Dictionary<string, HashSet<string>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _virtualMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bases = new(StringComparer.Ordinal);

    public static Surface Read(IEnumerable<AssemblyFile> assemblies)
    {
        Surface surface = new();
        foreach (AssemblyFile assembly in assemblies)
        {
            MetadataReader reader = assembly.Reader;
            foreach (TypeDefinitionHandle handle in reader.TypeDefinitions.Where(handle => IsVisible(reader.GetTypeDefinition(handle).Attributes)))
            {
                surface.Add(reader, handle);
            }
        }

        return surface;
    }

    public bool HasType(string name) => _members.ContainsKey(name);

    public bool HasMember(string type, string member) => WithBases(type).Any(name => _members[name].Contains(member));

    /// <summary>Whether an override of this member would take its place, and not stand beside it.</summary>
    public bool HasVirtual(string type, string member) => WithBases(type).Any(name => _virtualMembers[name].Contains(member));

    private static bool IsVisible(TypeAttributes attributes) =>
        (attributes & TypeAttributes.VisibilityMask) is TypeAttributes.Public or TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem;

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private void Add(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = SignatureText.NameOf(reader, handle);
        HashSet<string> members = [];
        HashSet<string> virtualMembers = [];
        foreach (MethodDefinition method in type.GetMethods().Select(reader.GetMethodDefinition).Where(method => IsVisible(method.Attributes)))
        {
            string text = SignatureText.Method(reader.GetString(method.Name), method.DecodeSignature(SignatureText.Instance, null));
            members.Add(text);
            if ((method.Attributes & (MethodAttributes.Virtual | MethodAttributes.Final)) == MethodAttributes.Virtual)
            {
                virtualMembers.Add(text);
            }
        }

        members.UnionWith(type.GetFields().Select(reader.GetFieldDefinition).Where(field => (field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public)
            .Select(field => SignatureText.Field(reader.GetString(field.Name), field.DecodeSignature(SignatureText.Instance, null))));
        _members.Add(name, members);
        _virtualMembers.Add(name, virtualMembers);
        if (type.BaseType is { IsNil: false, Kind: HandleKind.TypeDefinition })
        {
            _bases.Add(name, SignatureText.NameOf(reader, (TypeDefinitionHandle)type.BaseType));
        }
    }

    private IEnumerable<string> WithBases(string? type)
    {
        for (; type is not null && _members.ContainsKey(type); type = _bases.GetValueOrDefault(type))
        {
            yield return type;
        }
    }
}
