namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>Whose gRPC the servers of a test speak.</summary>
public enum ServerKind
{
    /// <summary>That of ASP.NET Core, in this process.</summary>
    AspNetCore,

    /// <summary>That of <c>@grpc/grpc-js</c>, in processes of Node.js: another implementation, of gRPC and of HTTP/2.</summary>
    GrpcJs,
}
