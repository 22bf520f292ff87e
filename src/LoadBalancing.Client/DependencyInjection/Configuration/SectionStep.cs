using LoadBalancing.Client.Balancing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>The builder's step that fills the options from a configuration section: everything, or one exception that names every problem.</summary>
internal sealed class SectionStep(IConfigurationSection section, IEnumerable<IBalancerSectionReader> readers)
{
    private readonly IBalancerSectionReader[] _readers = [.. readers];

    /// <exception cref="OptionsValidationException">The section is missing, or there is something wrong with it.</exception>
    public void Fill(BalancerOptions options)
    {
        if (!options.GetFeature<SectionsRead>().Add((section.Path, SectionText.Read(section))))
        {
            return;
        }

        options.SectionPaths.Add(section.Path);
        List<string> problems = [];
        if (section.Exists())
        {
            SectionReader reader = new(section, problems);
            Array.ForEach(_readers, part => part.Read(reader, options));
            reader.RefuseUnknownKeys();
        }
        else
        {
            problems.Add($"{section.Path}: the section is missing or empty; it needs Backends or Dns");
        }

        if (problems.Count > 0)
        {
            throw new InvalidBalancerException(section.Path, problems);
        }
    }

    /// <summary>The sections that have filled these options. Two clients of one service may both name its section, and its backends count once.</summary>
    private sealed class SectionsRead : HashSet<(string Path, string Text)>;
}
