return await Edge.Admin.Commands.EdgeCommand.RunAsync(args);
