namespace Edge.Admin.Commands;

/// <summary>A command could not do what it was asked; the message is for the person at the shell.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
