using LoadBalancing.Client.DependencyInjection.Configuration;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>Reads the section <c>Retry</c>.</summary>
internal static class RetrySectionReader
{
    public static void Read(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("Retry") is not { } retry)
        {
            return;
        }

        Read(retry, options.GetFeature<HttpBalancingOptions>().Retry);
        retry.RefuseUnknownKeys();
    }

    private static void Read(SectionReader section, RetryOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.MaxAttempts = section.ReadInt32("MaxAttempts", 1, RetryOptions.MostAttempts) ?? options.MaxAttempts;
        options.MaxDelay = section.ReadTimeSpan("MaxDelay", TimeSpan.Zero, RetryOptions.Longest) ?? options.MaxDelay;
        if (section.ReadTimeSpan("BaseDelay", TimeSpan.Zero, options.MaxDelay) is { } baseDelay)
        {
            options.BaseDelay = baseDelay;
        }
        else if (!section.IsSet("BaseDelay") && options.BaseDelay > options.MaxDelay)
        {
            // What nobody has set follows what somebody has.
            options.BaseDelay = options.MaxDelay;
        }

        options.MaxRetryAfter = section.ReadTimeSpan("MaxRetryAfter", TimeSpan.Zero, RetryOptions.Longest) ?? options.MaxRetryAfter;
        options.MaxBufferedBodyBytes = section.ReadInt32("MaxBufferedBodyBytes", 0) ?? options.MaxBufferedBodyBytes;
        if (section.ReadSection("Budget") is { } budget)
        {
            options.Budget.Enabled = budget.ReadEnabled() ?? options.Budget.Enabled;
            options.Budget.Ratio = budget.ReadDouble("Ratio", 0, RetryBudgetOptions.HighestRatio) ?? options.Budget.Ratio;
            options.Budget.MinRetries = budget.ReadInt32("MinRetries", 0) ?? options.Budget.MinRetries;
            budget.RefuseUnknownKeys();
        }
    }
}
