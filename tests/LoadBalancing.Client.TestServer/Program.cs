using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using LoadBalancing.Client.TestServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// A server in a process of its own, for tests that kill it, stop it, or have it shut down (SIGTERM). The arguments: its port on 127.0.0.1 for HTTP/1.1 and one for HTTP/2 without TLS; 0 takes any free one; and
// optionally the file that every request is to be noted in. When it listens, it writes its two addresses; when it cannot, why.
int[] ports = [.. args.Take(2).Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
using Journal? journal = args.Length > 2 ? new Journal(args[2]) : null;
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, ports[0], listen => listen.Protocols = HttpProtocols.Http1);
    kestrel.Listen(IPAddress.Loopback, ports[1], listen => listen.Protocols = HttpProtocols.Http2);
});
await using WebApplication application = builder.Build();
application.Run(context =>
{
    journal?.Note(context.Request);
    return context.Request.Path == EchoAnswer.Path ? EchoAnswer.WriteAsync(context) : context.Response.WriteAsync("served", context.RequestAborted);
});

TaskCompletionSource terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    terminated.TrySetResult();
});
try
{
    await application.StartAsync();
}
catch (IOException exception)
{
    Console.WriteLine(exception.Message);
    return 1;
}

Console.WriteLine(string.Join(' ', application.Urls));
await terminated.Task;

// No new connections; what runs is answered first.
using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
await application.StopAsync(patience.Token);
return 0;
