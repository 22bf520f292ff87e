using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class BalancerSlotTests
{
    [Fact]
    public void Get_TwiceAndOfAnother_OnePartPerBalancerAndSlot()
    {
        using Balancer balancer = Build();
        using Balancer another = Build();
        BalancerSlot<Part> slot = new(owner => new Part(owner));
        BalancerSlot<Part> second = new(owner => new Part(owner));

        Part part = slot.Get(balancer);

        part.Owner.ShouldBeSameAs(balancer);
        slot.Get(balancer).ShouldBeSameAs(part);
        slot.Get(another).Owner.ShouldBeSameAs(another);
        second.Get(balancer).ShouldNotBeSameAs(part);
    }

    [Fact]
    public void Dispose_OfTheBalancer_DisposesItsParts()
    {
        Balancer balancer = Build();
        BalancerSlot<Part> slot = new(owner => new Part(owner));
        Part part = slot.Get(balancer);

        balancer.Dispose();

        part.IsDisposed.ShouldBeTrue();
        new BalancerSlot<Part>(owner => new Part(owner)).Get(balancer).IsDisposed.ShouldBeTrue("it must not outlive the balancer");
    }

    private static Balancer Build() => new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80").Build();

    private sealed class Part(Balancer owner) : IDisposable
    {
        public Balancer Owner { get; } = owner;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
