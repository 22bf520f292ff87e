using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

// A server in a process of its own, for tests that kill it or stop it. The argument is its port on 127.0.0.1; 0 takes any free one. When it listens, it writes its address.
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));
await using WebApplication application = builder.Build();
application.Run(context => context.Response.WriteAsync("served", context.RequestAborted));
await application.StartAsync();
Console.WriteLine(application.Urls.Single());
await Task.Delay(Timeout.Infinite);
