using System.Reflection;
using LoadBalancing.Client.Grpc.Tests.GrpcJs;
using Xunit.Sdk;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>Has a theory run against servers of one kind, with these values; skipped where there are none of that kind.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal class ServersAttribute : DataAttribute
{
    private readonly object?[] _values;

    public ServersAttribute(ServerKind kind, params object?[] values)
    {
        Kind = kind;
        _values = values;
    }

    public ServerKind Kind { get; }

    public override string? Skip => Kind == ServerKind.GrpcJs ? NodePackages.WhyMissing : null;

    public override IEnumerable<object?[]> GetData(MethodInfo testMethod) => [[Kind, .. _values]];
}
