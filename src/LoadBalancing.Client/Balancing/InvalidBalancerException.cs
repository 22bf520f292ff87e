using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Balancing;

/// <summary>All problems of a balancer's description. Its message has one problem per line; that of its base has them all in one, with semicolons between them, which problems have inside as well.</summary>
internal sealed class InvalidBalancerException(string optionsName, IEnumerable<string> problems)
    : OptionsValidationException(optionsName, typeof(BalancerOptions), problems)
{
    public override string Message => string.Join(Environment.NewLine, Failures);
}
