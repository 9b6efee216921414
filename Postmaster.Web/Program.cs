using Postmaster.Web.Cli;

return await CommandLine.RunAsync(args);
