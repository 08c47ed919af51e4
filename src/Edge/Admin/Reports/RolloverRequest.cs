namespace Edge.Admin.Reports;

/// <summary>What "edge zone roll" asks for.</summary>
/// <param name="Role">csk, ksk or zsk: which key to exchange when none is being exchanged; null when there is only one.</param>
/// <param name="DsIsExchanged">That the parent has the new DS and not the old one has been seen by a person.</param>
/// <param name="Cancel">Takes the new key back.</param>
internal sealed record RolloverRequest(string? Role, bool DsIsExchanged, bool Cancel);
