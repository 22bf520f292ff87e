using System.Security.Cryptography.X509Certificates;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>A pool of ASP.NET Core's servers, whose answers a test can write itself.</summary>
internal sealed class EchoPool : BalancedPool
{
    private EchoPool(EchoServer[] servers, X509Certificate2? certificate, Action<BalancerBuilder> configure)
        : base(servers, certificate, configure) => Servers = servers;

    public EchoServer[] Servers { get; }

    public static async Task<EchoPool> StartAsync(int count, Action<BalancerBuilder>? configure = null, X509Certificate2? certificate = null)
    {
        List<EchoServer> servers = [];
        foreach (string name in Names(count))
        {
            servers.Add(await EchoServer.StartAsync(name, certificate));
        }

        return new EchoPool([.. servers], certificate, configure ?? (_ => { }));
    }

    public override async Task<IEchoServer> RestartAsync(string name, int port) => await EchoServer.StartAsync(name, port: port);
}
