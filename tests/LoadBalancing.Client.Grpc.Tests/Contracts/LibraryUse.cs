using System.Reflection;
using System.Reflection.Metadata;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>What a compiled library uses of other assemblies: every type and member that it refers to, and every member that it overrides.</summary>
internal sealed class LibraryUse
{
    private readonly MetadataReader _reader;
    private readonly HashSet<string> _of;

    public LibraryUse(AssemblyFile library, IEnumerable<string> of)
    {
        _reader = library.Reader;
        _of = [.. of];
    }

    public IEnumerable<string> Types => _reader.TypeReferences.Where(handle => IsOf(handle)).Select(handle => SignatureText.NameOf(_reader, handle));

    public IEnumerable<(string Type, string Member)> Members
    {
        get
        {
            foreach (MemberReference member in _reader.MemberReferences.Select(_reader.GetMemberReference))
            {
                if (FindForeign(member.Parent) is { } type)
                {
                    string name = _reader.GetString(member.Name);
                    yield return (type, member.GetKind() == MemberReferenceKind.Method
                        ? SignatureText.Method(name, member.DecodeMethodSignature(SignatureText.Instance, null))
                        : SignatureText.Field(name, member.DecodeFieldSignature(SignatureText.Instance, null)));
                }
            }
        }
    }

    /// <summary>Members that take the place of another assembly's, by the type that they expect them in.</summary>
    public IEnumerable<(string Derived, string Type, string Member)> Overrides
    {
        get
        {
            foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
            {
                TypeDefinition type = _reader.GetTypeDefinition(handle);
                if (FindForeign(type.BaseType) is not { } foreign)
                {
                    continue;
                }

                foreach (MethodDefinition method in type.GetMethods().Select(_reader.GetMethodDefinition))
                {
                    if ((method.Attributes & (MethodAttributes.Virtual | MethodAttributes.VtableLayoutMask)) == MethodAttributes.Virtual)
                    {
                        yield return (SignatureText.NameOf(_reader, handle), foreign, SignatureText.Method(_reader.GetString(method.Name), method.DecodeSignature(SignatureText.Instance, null)));
                    }
                }
            }
        }
    }

    /// <summary>The name of a type of one of the assemblies, without the arguments of a generic one.</summary>
    private string? FindForeign(EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeReference when IsOf((TypeReferenceHandle)type) => SignatureText.NameOf(_reader, (TypeReferenceHandle)type),
        HandleKind.TypeSpecification => FindForeignGeneric((TypeSpecificationHandle)type),
        _ => null,
    };

    private string? FindForeignGeneric(TypeSpecificationHandle handle)
    {
        // ECMA-335, II.23.2.14: GENERICINST, CLASS or VALUETYPE, the type.
        BlobReader blob = _reader.GetBlobReader(_reader.GetTypeSpecification(handle).Signature);
        return blob.ReadSignatureTypeCode() == SignatureTypeCode.GenericTypeInstance && blob.ReadCompressedInteger() > 0 ? FindForeign(blob.ReadTypeHandle()) : null;
    }

    private bool IsOf(TypeReferenceHandle handle)
    {
        EntityHandle scope = _reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsOf((TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => _of.Contains(_reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name)),
            _ => false,
        };
    }
}
