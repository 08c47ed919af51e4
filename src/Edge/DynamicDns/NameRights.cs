using Edge.Dns.Wire;
using Edge.Services;

namespace Edge.DynamicDns;

/// <summary>Whether a token may have a name, before it is looked at what the zones say.</summary>
internal sealed class NameRights(DynamicDnsSetup setup)
{
    /// <summary>Why it may not; null when it may.</summary>
    /// <param name="token">The token.</param>
    /// <param name="host">The name.</param>
    /// <param name="had">What is kept of the name.</param>
    public string? Refusal(Token token, string host, DynamicAddress? had) =>
        !token.Scope.AllowsHost(host) ? "the token is for other names"
        : !setup.IsOurs(Name.Parse(host)) ? "it lies in no zone of ours"
        : setup.ServiceAt(host) is { } service ? $"it is a host of {service}"
        : had is not null && had.Token != token.Name ? $"it belongs to the token {had.Token} (\"edge dynamic remove {host}\" takes it away)"
        : null;
}
