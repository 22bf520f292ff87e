using System.Collections.Concurrent;

namespace RollingRestart;

/// <summary>Below the balancer: counts the attempts at each server, and those that fail.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<int, Account> _accounts = new();

    public Account this[Server server] => Of(server.Address.Port);

    public int Attempts => _accounts.Values.Sum(account => account.Attempts);

    /// <summary>To be put into the client's pipeline.</summary>
    public DelegatingHandler CreateHandler() => new Handler(this);

    private Account Of(int port) => _accounts.GetOrAdd(port, _ => new Account());

    /// <summary>What one server got.</summary>
    internal sealed class Account
    {
        public int Attempts;
        public int Failed;
    }

    private sealed class Handler(Ledger ledger) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Account account = ledger.Of(request.RequestUri!.Port);
            Interlocked.Increment(ref account.Attempts);
            bool succeeded = false;
            try
            {
                HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
                succeeded = response.IsSuccessStatusCode;
                return response;
            }
            finally
            {
                if (!succeeded)
                {
                    Interlocked.Increment(ref account.Failed);
                }
            }
        }
    }
}
