using System.Net; using System.Net.Sockets; using System.Diagnostics; using System.Net.Http.Headers;
using Grpc.Core; using Grpc.Net.Client; using Grpc.Net.Client.Balancer; using Grpc.Net.Client.Configuration;
using LoadBalancing.Client; using LoadBalancing.Client.Grpc.Tests.Servers; using Microsoft.Extensions.DependencyInjection; using Google.Protobuf;
var listeners = Enumerable.Range(0, 4).Select(_ => { var l = new TcpListener(IPAddress.Loopback, 0); l.Start(); Task accept = Task.Run(async () => { var keep = new List<TcpClient>(); while (true) keep.Add(await l.AcceptTcpClientAsync()); }); return l; }).ToArray();
int[] ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
bool async = args.Contains("async");
GrpcChannel RoundRobin() {
  var services = new ServiceCollection(); services.AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => ports.Select(p => new BalancerAddress("127.0.0.1", p)).ToList()));
  return GrpcChannel.ForAddress("static:///x", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure, ServiceProvider = services.BuildServiceProvider(), HttpHandler = new Stub(async), ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } } });
}
GrpcChannel Ours(LoadBalancingPolicy policy) {
  var services = new ServiceCollection().AddLoadBalancer("x", b => b.AddBackends(ports.Select(p => new Backend($"http://127.0.0.1:{p}"))).UsePolicy(policy)).BuildServiceProvider();
  return GrpcChannel.ForAddress("lb:///x", new GrpcChannelOptions { HttpHandler = new Stub(async) }.UseLoadBalancing(services));
}
(string, Echo.EchoClient)[] clients = [("grpc round_robin", new(RoundRobin())), ("ours round_robin", new(Ours(new RoundRobinPolicy()))), ("ours least_request", new(Ours(new LeastRequestPolicy()))), ("ours least_request balanced", new(Ours(new LeastRequestPolicy()).CreateBalancedInvoker()))];
foreach (var (n, c) in clients) for (int i = 0; i < 20000; i++) await c.UnaryAsync(new EchoRequest { Text = "x" });
await Task.Delay(500);
foreach (var (n, c) in clients) for (int i = 0; i < 20000; i++) await c.UnaryAsync(new EchoRequest { Text = "x" });
var best = new double[clients.Length]; var bytes = new double[clients.Length]; Array.Fill(best, double.MaxValue);
for (int round = 0; round < 12; round++)
  for (int k = 0; k < clients.Length; k++) {
    var c = clients[k].Item2; const int N = 20000; GC.Collect(); long a0 = GC.GetTotalAllocatedBytes(true); var sw = Stopwatch.StartNew();
    for (int i = 0; i < N; i++) await c.UnaryAsync(new EchoRequest { Text = "x" });
    double ns = sw.Elapsed.TotalNanoseconds / N; bytes[k] = (GC.GetTotalAllocatedBytes(true) - a0) / (double)N; best[k] = Math.Min(best[k], ns);
  }
for (int k = 0; k < clients.Length; k++) Console.WriteLine($"{clients[k].Item1,-28} {best[k],8:0} ns  x{best[k] / best[0]:0.00}  {bytes[k],7:0} B  +{bytes[k] - bytes[0]:0}");
sealed class Stub : DelegatingHandler {
  readonly bool _async; static readonly byte[] Body = Make();
  public Stub(bool a) : base(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) => _async = a;
  static byte[] Make() { var m = new EchoReply { Text = "x", Server = "a" }.ToByteArray(); var b = new byte[5 + m.Length]; b[4] = (byte)m.Length; m.CopyTo(b, 5); return b; }
  protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct) {
    await request.Content!.CopyToAsync(Stream.Null, ct);
    if (_async) await Task.Yield();
    var content = new StreamContent(new MemoryStream(Body, false)); content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
    var r = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = content, RequestMessage = request };
    r.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0"); return r;
  }
}
