namespace Edge.Admin.Reports;

/// <summary>What the name server's doors see.</summary>
/// <param name="TcpConnections">Connections over TCP now.</param>
/// <param name="TlsConnections">Connections over TLS now.</param>
/// <param name="AnswersHeldBack">UDP answers that the rate limit did not send, since the start.</param>
/// <param name="AnswersCutShort">UDP answers that the rate limit sent truncated, or as BADCOOKIE, since the start.</param>
/// <param name="LastLimited">The network that was limited last; "" when none was.</param>
internal sealed record DnsLoadReport(int TcpConnections, int TlsConnections, long AnswersHeldBack, long AnswersCutShort, string LastLimited);
