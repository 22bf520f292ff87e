using System.CommandLine;
using LoadBalancing.Client.Simulation.Commands;

RootCommand root = new("Shows what a load balancing policy does with your traffic before production does.") { RunCommand.Create(), CompareCommand.Create(), ResultsCommand.Create() };
return root.Parse(args).Invoke();
