namespace LoadBalancing.Client.Tests.Backends;

public sealed class BackendTests
{
    [Theory]
    [InlineData("http://10.0.0.1:8080", "10.0.0.1:8080")]
    [InlineData("http://orders.example/base/path", "orders.example:80")]
    [InlineData("https://orders.example", "orders.example:443")]
    [InlineData("HTTP://Orders.Example:81", "orders.example:81")]
    [InlineData("http://[::1]:8080", "[::1]:8080")]
    [InlineData("http://[2001:DB8:0:0:0:0:0:1]:8080", "[2001:db8::1]:8080")]
    [InlineData("tcp://10.0.0.1:5432", "10.0.0.1:5432")]
    public void Id_NotGiven_IsHostAndPort(string address, string id) => new Backend(address).Id.ShouldBe(id);

    [Theory]
    [InlineData("/relative")]
    [InlineData("10.0.0.1:8080")]
    [InlineData("ftp://10.0.0.1:8080")]
    [InlineData("")]
    public void Constructor_NotAnAbsoluteHttpUri_SaysWhatIsAllowed(string address)
    {
        string message = Should.Throw<ArgumentException>(() => new Backend(address)).Message;

        message.ShouldContain($"'{address}'");
        message.ShouldContain("must be an absolute URI such as http://10.0.0.1:8080, with scheme http, https or tcp");
    }

    [Theory]
    [InlineData("tcp://10.0.0.1")]
    [InlineData("http://10.0.0.1:0")]
    public void Constructor_NoPort_SaysWhatIsAllowed(string address) =>
        Should.Throw<ArgumentException>(() => new Backend(address)).Message.ShouldContain("must name a port from 1 to 65535");

    [Theory]
    [InlineData("http://10.0.0.1/?a=b")]
    [InlineData("http://10.0.0.1/#top")]
    [InlineData("http://user:secret@10.0.0.1/")]
    public void Constructor_MoreThanAnAddress_SaysWhatIsNotAllowed(string address) =>
        Should.Throw<ArgumentException>(() => new Backend(address)).Message.ShouldContain("must not have a query, a fragment or user information");

    [Fact]
    public void Constructor_Null_Throws()
    {
        Should.Throw<ArgumentNullException>(() => new Backend((string)null!));
        Should.Throw<ArgumentNullException>(() => new Backend((Uri)null!));
    }

    [Fact]
    public void Constructor_AddressAlone_SetsTheDefaults()
    {
        Backend backend = new("http://10.0.0.1:8080/base");

        backend.Address.ShouldBe(new Uri("http://10.0.0.1:8080/base"));
        backend.Weight.ShouldBe(1);
        backend.Priority.ShouldBe(0);
        backend.Locality.ShouldBe(default);
        backend.HostName.ShouldBeNull();
        backend.MaxConcurrency.ShouldBeNull();
        backend.Metadata.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-double.Epsilon)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Weight_OutOfRange_SaysWhatIsAllowed(double weight)
    {
        ArgumentOutOfRangeException exception = Should.Throw<ArgumentOutOfRangeException>(() => new Backend("http://10.0.0.1") { Weight = weight });

        exception.Message.ShouldContain("A weight is a finite number, 0 or more.");
        exception.ActualValue.ShouldBe(weight);
        exception.ParamName.ShouldBe("Weight");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    public void Weight_AnyFiniteNumberFromZero_IsKept(double weight) => new Backend("http://10.0.0.1") { Weight = weight }.Weight.ShouldBe(weight);

    [Fact]
    public void Priority_Negative_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Backend("http://10.0.0.1") { Priority = -1 }).ParamName.ShouldBe("Priority");

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void MaxConcurrency_BelowOne_Throws(int cap) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Backend("http://10.0.0.1") { MaxConcurrency = cap }).ParamName.ShouldBe("MaxConcurrency");

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Id_Blank_Throws(string id) => Should.Throw<ArgumentException>(() => new Backend("http://10.0.0.1") { Id = id }).ParamName.ShouldBe("Id");

    [Fact]
    public void Equals_SameAttributesAndMetadataContent_IsTrue()
    {
        Backend one = Full() with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "1", ["b"] = "2" } };
        Backend other = Full() with { Metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["b"] = "2", ["a"] = "1" } };

        one.ShouldBe(other);
        one.GetHashCode().ShouldBe(other.GetHashCode());
    }

    [Fact]
    public void Equals_OneAttributeDiffers_IsFalse()
    {
        Backend[] others =
        [
            Full() with { Id = "other" },
            Full() with { Weight = 3 },
            Full() with { Priority = 2 },
            Full() with { Locality = new Locality("eu", "b") },
            Full() with { HostName = "other" },
            Full() with { HostName = null },
            Full() with { MaxConcurrency = 8 },
            Full() with { MaxConcurrency = null },
            Full() with { Metadata = Map("a", "2") },
            Full() with { Metadata = Map("A", "1") },
            Full() with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "1", ["b"] = "2" } },
            Full("http://10.0.0.1:8080/other"),
        ];

        others.ShouldAllBe(other => !other.Equals(Full()) && !Full().Equals(other));
        Full().Equals(null).ShouldBeFalse();
    }

    [Fact]
    public void Metadata_ChangedAfterwardsByItsOwner_StaysAsItWas()
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal) { ["a"] = "1" };
        Backend backend = new("http://10.0.0.1") { Metadata = metadata };

        metadata["a"] = "2";

        backend.Metadata["a"].ShouldBe("1");
    }

    [Fact]
    public void ToString_OwnId_NamesIdAndAddress()
    {
        new Backend("http://10.0.0.1:8080").ToString().ShouldBe("http://10.0.0.1:8080/");
        new Backend("http://10.0.0.1:8080") { Id = "a" }.ToString().ShouldBe("a (http://10.0.0.1:8080/)");
    }

    private static Backend Full(string address = "http://10.0.0.1:8080/base") => new(address)
    {
        Id = "a",
        Weight = 2,
        Priority = 1,
        Locality = new Locality("eu", "a", "rack"),
        HostName = "orders",
        MaxConcurrency = 7,
        Metadata = Map("a", "1"),
    };

    private static Dictionary<string, string> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = value };
}
