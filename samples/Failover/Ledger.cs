using System.Collections.Concurrent;

namespace Failover;

/// <summary>Below the balancer: counts what is sent to each server, and what fails.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<int, Account> _accounts = new();

    public Account this[Server server] => Of(server.Address.Port);

    public int Sent => _accounts.Values.Sum(account => account.Sent);

    public int Failed => _accounts.Values.Sum(account => account.Failed);

    /// <summary>Begins anew.</summary>
    public void Clear() => _accounts.Clear();

    /// <summary>To be put into the client's pipeline.</summary>
    public DelegatingHandler CreateHandler() => new Handler(this);

    private Account Of(int port) => _accounts.GetOrAdd(port, _ => new Account());

    /// <summary>What one server got.</summary>
    internal sealed class Account
    {
        public int Sent;
        public int Failed;
    }

    private sealed class Handler(Ledger ledger) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Account account = ledger.Of(request.RequestUri!.Port);
            Interlocked.Increment(ref account.Sent);
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
