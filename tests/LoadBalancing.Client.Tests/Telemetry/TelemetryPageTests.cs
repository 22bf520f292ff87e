using System.Reflection;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Telemetry;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Tests.Telemetry;

/// <summary><c>docs/telemetry.md</c> has everything that is measured or logged.</summary>
public sealed class TelemetryPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

    public static TheoryData<string> Names =>
        [.. typeof(LoadBalancingTelemetry).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!)];

    public static TheoryData<string> Events => [.. Messages().Select(message => $"| {message.EventId} | `{message.EventName}` | {message.Level} |")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Page_EveryInstrumentAndTag_IsThere(string name) => Page.ShouldContain($"`{name}`");

    [Theory]
    [MemberData(nameof(Events))]
    public void Page_EveryLogEvent_IsThereWithItsLevel(string row) => Page.ShouldContain(row);

    [Fact]
    public void Page_EveryStateOfABackend_IsThere()
    {
        foreach (Unavailability flag in Enum.GetValues<Unavailability>())
        {
            Page.ShouldContain($"`{AvailabilityText.Of(flag)}`");
        }
    }

    [Fact]
    public void LogEvents_Ids_AreUnique() => Messages().Select(message => message.EventId).ShouldBeUnique();

    private static IEnumerable<LoggerMessageAttribute> Messages() =>
        typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>();
}
