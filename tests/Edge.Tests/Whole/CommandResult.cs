namespace Edge.Tests.Whole;

/// <summary>What a command ended with and what it printed, standard output and error together.</summary>
internal sealed record CommandResult(int ExitCode, string Output);
