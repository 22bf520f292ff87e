using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace LoadBalancing.Client.Testing;

/// <summary>The attributes that callers notice.</summary>
internal static class Attributes
{
    public static IEnumerable<string> Lines(MemberInfo member)
    {
        if (member.GetCustomAttribute<ExperimentalAttribute>() is { } experimental)
        {
            yield return $"[Experimental(\"{experimental.DiagnosticId}\")]";
        }

        if (member.IsDefined(typeof(FlagsAttribute), inherit: false))
        {
            yield return "[Flags]";
        }

        // The compiler's own marks (required members, ref structs) are no one's choice.
        if (member.GetCustomAttribute<ObsoleteAttribute>(inherit: false) is { DiagnosticId: null, Message: var message }
            && message?.Contains("this version of your compiler", StringComparison.Ordinal) != true)
        {
            yield return $"[Obsolete({(message is null ? "" : $"\"{message}\"")})]";
        }
    }
}
