using LoadBalancing.Client.Grpc.Connections;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Connections;

/// <summary>When the connections to one place are closed.</summary>
public sealed class PlaceConnectionsTests
{
    private readonly PlaceConnections _place = new();

    [Fact]
    public async Task LetGo_WhenAConnectionThrowsAsItIsClosed_ClosesTheOthers()
    {
        int closed = 0;
        _place.Hold();
        for (int i = 0; i < 3; i++)
        {
            _place.Add(new Connection(() =>
            {
                Interlocked.Increment(ref closed);
                throw new InvalidOperationException("Cannot be closed.");
            }));
        }

        _place.LetGo();

        await Wait.UntilAsync(() => Volatile.Read(ref closed) == 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LetGo_WhenThePlaceIsUsedAgainMeanwhile_LeavesWhatIsOpen(bool isCall)
    {
        int closed = 0;
        bool isUsed = false;
        List<bool> whileUsed = [];
        _place.Hold();
        for (int i = 0; i < 2; i++)
        {
            _place.Add(new Connection(() =>
            {
                whileUsed.Add(Volatile.Read(ref isUsed));
                if (whileUsed.Count == 1)
                {
                    (isCall ? (Action)_place.BeginCall : _place.Hold)();
                    Volatile.Write(ref isUsed, true);
                }

                Interlocked.Increment(ref closed);
            }));
        }

        _place.LetGo();
        await Wait.UntilAsync(() => Volatile.Read(ref closed) > 0);
        Volatile.Read(ref closed).ShouldBe(1);
        Volatile.Write(ref isUsed, false);
        (isCall ? (Action)_place.EndCall : _place.LetGo)();
        await Wait.UntilAsync(() => Volatile.Read(ref closed) == 2);

        whileUsed.ShouldAllBe(used => !used);
    }

    private sealed class Connection(Action onClosed) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
            {
                onClosed();
            }
        }
    }
}
