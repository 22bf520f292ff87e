using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>The metadata of an assembly beside the tests. Nothing of it is loaded.</summary>
internal sealed class AssemblyFile : IDisposable
{
    private readonly PEReader _file;

    public AssemblyFile(string name)
    {
        _file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{name}.dll")));
        Reader = _file.GetMetadataReader();
    }

    public MetadataReader Reader { get; }

    /// <summary>Version and key, as others refer to it.</summary>
    public string Identity
    {
        get
        {
            AssemblyName name = Reader.GetAssemblyDefinition().GetAssemblyName();
            return Describe(name.Name!, name.Version!, name.GetPublicKeyToken());
        }
    }

    /// <summary>What it expects of another assembly; <see langword="null"/> when it does not use it.</summary>
    public string? FindReference(string name) => Reader.AssemblyReferences
        .Select(Reader.GetAssemblyReference)
        .Where(reference => Reader.StringComparer.Equals(reference.Name, name))
        .Select(reference => Describe(name, reference.Version, Reader.GetBlobBytes(reference.PublicKeyOrToken)))
        .SingleOrDefault();

    public TypeDefinition FindType(string name) =>
        Reader.GetTypeDefinition(Reader.TypeDefinitions.Single(handle => SignatureText.NameOf(Reader, handle) == name));

    public MethodBodyBlock GetBody(MethodDefinition method) => _file.GetMethodBody(method.RelativeVirtualAddress);

    public void Dispose() => _file.Dispose();

    private static string Describe(string name, Version version, byte[]? token) => $"{name}, {version}, {Convert.ToHexString(token ?? [])}";
}
