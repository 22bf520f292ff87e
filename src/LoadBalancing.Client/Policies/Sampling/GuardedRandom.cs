namespace LoadBalancing.Client.Policies.Sampling;

/// <summary>Makes any <see cref="Random"/> thread safe with a lock. For tests and simulations, where the same seed must give the same run.</summary>
internal sealed class GuardedRandom : Random
{
    private readonly Lock _gate = new();
    private readonly Random _inner;

    private GuardedRandom(Random inner) => _inner = inner;

    /// <summary><see cref="Random.Shared"/> needs no guard, nor does one that has it.</summary>
    public static Random Guard(Random random) =>
        ReferenceEquals(random, Shared) || random is GuardedRandom ? random : new GuardedRandom(random);

    public override int Next()
    {
        lock (_gate)
        {
            return _inner.Next();
        }
    }

    public override int Next(int maxValue)
    {
        lock (_gate)
        {
            return _inner.Next(maxValue);
        }
    }

    public override int Next(int minValue, int maxValue)
    {
        lock (_gate)
        {
            return _inner.Next(minValue, maxValue);
        }
    }

    public override long NextInt64()
    {
        lock (_gate)
        {
            return _inner.NextInt64();
        }
    }

    public override long NextInt64(long maxValue)
    {
        lock (_gate)
        {
            return _inner.NextInt64(maxValue);
        }
    }

    public override long NextInt64(long minValue, long maxValue)
    {
        lock (_gate)
        {
            return _inner.NextInt64(minValue, maxValue);
        }
    }

    public override double NextDouble()
    {
        lock (_gate)
        {
            return _inner.NextDouble();
        }
    }

    public override float NextSingle()
    {
        lock (_gate)
        {
            return _inner.NextSingle();
        }
    }

    public override void NextBytes(byte[] buffer)
    {
        lock (_gate)
        {
            _inner.NextBytes(buffer);
        }
    }

    public override void NextBytes(Span<byte> buffer)
    {
        lock (_gate)
        {
            _inner.NextBytes(buffer);
        }
    }

    protected override double Sample() => NextDouble();
}
