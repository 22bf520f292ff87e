namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>A test of what only Linux can be made to do.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Only Linux drops connects when a queue is full.";
        }
    }
}
