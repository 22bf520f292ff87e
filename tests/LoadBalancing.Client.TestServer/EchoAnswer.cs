using Microsoft.AspNetCore.Http;

namespace LoadBalancing.Client.TestServer;

/// <summary>Takes a few milliseconds, so that there is something in flight whenever the server ends, and sends back what was sent.</summary>
internal static class EchoAnswer
{
    public const string Path = "/echo";

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(5);

    public static async Task WriteAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await Task.Delay(Work, context.RequestAborted);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
