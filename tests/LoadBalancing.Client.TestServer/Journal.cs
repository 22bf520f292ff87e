using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LoadBalancing.Client.TestServer;

/// <summary>A line for every request, with its method and its <c>X-Request-Id</c>, written before anything is answered: what is noted stays, even if this process is killed at once.</summary>
internal sealed class Journal(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Note(HttpRequest request)
    {
        byte[] line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.Headers["X-Request-Id"]}\n"));
        lock (_gate)
        {
            _file.Write(line);
        }
    }

    public void Dispose() => _file.Dispose();
}
