namespace LoadBalancing.Client.Health.Outliers;

/// <summary>What gives a backend away, in the words of metrics.</summary>
internal static class EjectionKinds
{
    public const string ConsecutiveFailures = "consecutive_failures";
    public const string SuccessRate = "success_rate";
    public const string FailurePercentage = "failure_percentage";
}
