using LoadBalancing.Client.Simulation.Commands;

return CommandLine.Invoke([RunCommand.Create(), CompareCommand.Create(), ResultsCommand.Create()], args);
