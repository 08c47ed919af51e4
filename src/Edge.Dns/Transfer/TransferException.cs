namespace Edge.Dns.Transfer;

/// <summary>A primary that does not give what was asked for; the message says what it did instead.</summary>
internal sealed class TransferException(string message) : Exception(message);
