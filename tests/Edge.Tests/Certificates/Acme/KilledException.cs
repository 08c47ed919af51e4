namespace Edge.Tests.Certificates.Acme;

/// <summary>Stands for the end of the process: nothing in the program expects it.</summary>
internal sealed class KilledException : Exception;
