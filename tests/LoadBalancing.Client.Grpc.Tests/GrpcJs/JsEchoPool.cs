using System.Security.Cryptography.X509Certificates;
using LoadBalancing.Client.Grpc.Tests.Servers;

namespace LoadBalancing.Client.Grpc.Tests.GrpcJs;

/// <summary>A pool of servers written with <c>@grpc/grpc-js</c>.</summary>
internal sealed class JsEchoPool : BalancedPool
{
    private JsEchoPool(JsEchoServer[] servers, X509Certificate2? certificate, Action<BalancerBuilder> configure)
        : base(servers, certificate, configure)
    {
    }

    public static async Task<JsEchoPool> StartAsync(int count, Action<BalancerBuilder>? configure = null, X509Certificate2? certificate = null) =>
        new(await Task.WhenAll(Names(count).Select(name => JsEchoServer.StartAsync(name, certificate))), certificate, configure ?? (_ => { }));

    public override async Task<IEchoServer> RestartAsync(string name, int port) => await JsEchoServer.StartAsync(name, port: port);
}
