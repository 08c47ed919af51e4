namespace Edge.Admin.Reports;

/// <summary>How many changes were given back to what is declared.</summary>
internal sealed record ForgottenReport(int Forgotten);
