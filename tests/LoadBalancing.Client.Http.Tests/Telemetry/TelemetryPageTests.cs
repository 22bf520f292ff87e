using System.Reflection;
using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Tests.Telemetry;

/// <summary><c>docs/telemetry.md</c> has everything that this package logs.</summary>
public sealed class TelemetryPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

    public static TheoryData<string> Events => [.. Messages(typeof(Http.Telemetry.Log)).Select(message => $"| {message.EventId} | `{message.EventName}` | {message.Level} |")];

    [Theory]
    [MemberData(nameof(Events))]
    public void Page_EveryLogEvent_IsThereWithItsLevel(string row) => Page.ShouldContain(row);

    [Fact]
    public void LogEvents_IdsAndThoseOfTheEngine_AreUnique() =>
        Messages(typeof(Http.Telemetry.Log)).Concat(Messages(typeof(Client.Telemetry.Log))).Select(message => message.EventId).ShouldBeUnique();

    private static IEnumerable<LoggerMessageAttribute> Messages(Type log) =>
        log.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>();
}
