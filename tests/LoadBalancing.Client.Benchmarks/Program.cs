using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LoadBalancing.Client.Benchmarks;
using Perfolizer.Horology;

// "report" measures everything and writes docs/benchmarks.md; anything else goes to BenchmarkDotNet (--filter '*Pick*').
// In the same process, so that all figures of a run share one machine state and one set of compiled code.
Job job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithIterationTime(TimeInterval.FromMilliseconds(150))
    .WithWarmupCount(4)
    .WithIterationCount(8);
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance);

if (args is ["report", ..])
{
    string root = args.Length > 1 ? args[1] : Path.Combine("docs", "benchmarks.md");
    Report.Write(root, BenchmarkRunner.Run(typeof(Program).Assembly, config));
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
