using Grpc.Core;

namespace LoadBalancing.Client.Grpc.Tests.Servers;

/// <summary>A server of the service in <c>echo.proto</c>, of any kind. Disposing it kills it: connections break, and connects are refused.</summary>
internal interface IEchoServer : IAsyncDisposable
{
    string Name { get; }

    Uri Address { get; }

    /// <summary>How many calls have got as far as their answer since the last <see cref="ForgetAsync"/>.</summary>
    Task<int> CountCallsAsync();

    Task ForgetAsync();

    /// <summary>From now on every call ends in this status.</summary>
    Task FailWithAsync(StatusCode code);

    /// <summary>From now on calls wait for their answer.</summary>
    Task HoldAsync();

    /// <summary>How many calls wait for their answer: of these, the caller has seen nothing.</summary>
    Task<int> CountHeldAsync();

    /// <summary>From now on calls are answered, and so are those that wait.</summary>
    Task RecoverAsync();

    /// <summary>Ends all streams of answers, those to come too.</summary>
    Task EndStreamsAsync();
}
