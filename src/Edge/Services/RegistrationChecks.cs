namespace Edge.Services;

/// <summary>What keeps a token from registering a service: its scope, and what others have.</summary>
internal sealed class RegistrationChecks(ServiceCatalog catalog)
{
    /// <summary>Whether a token may see, renew and remove a registration.</summary>
    public static bool MayTouch(Token token, Registration registration) => token.Admin || registration.Owner == token.Name;

    /// <summary>What is outside of the token's scope.</summary>
    /// <param name="token">The token.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="hosts">Its hosts, each with the field that names it.</param>
    /// <param name="wanted">The service; null when it could not be read.</param>
    public static List<FieldError> Outside(Token token, string name, IReadOnlyList<(string Field, string Host)> hosts, Service? wanted)
    {
        var errors = new List<FieldError>();
        if (!token.Scope.AllowsService(name))
        {
            errors.Add(new FieldError("name", $"token {token.Name} may not register a service \"{name}\"", $"it may register {string.Join(", ", token.Scope.Services)}"));
        }

        if (token.Scope.IsForLanOnly && wanted?.Expose == Exposure.Everywhere)
        {
            errors.Add(new FieldError("expose", $"token {token.Name} may not register services for everywhere", "say expose: lan"));
        }

        errors.AddRange((wanted?.Stream?.Listen ?? []).Where(port => !token.Admin && !token.Scope.AllowsPort(port.Port)).Select(port =>
            new FieldError("listen", $"token {token.Name} may not have port {port.Port} opened", $"it may have {string.Join(", ", token.Scope.Ports)}")));
        errors.AddRange(hosts.Where(pair => !token.Scope.AllowsHost(pair.Host)).Select(pair =>
            new FieldError(pair.Field, $"token {token.Name} may not register the host {pair.Host}", $"it may register {string.Join(", ", token.Scope.Hosts)}")));
        return errors;
    }

    /// <summary>What others have of it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="hosts">Its hosts, each with the field that names it.</param>
    /// <param name="before">What is registered under the name.</param>
    /// <param name="wanted">The service; null when it could not be read.</param>
    public List<FieldError> Held(Token token, string name, IReadOnlyList<(string Field, string Host)> hosts, Registration? before, Service? wanted)
    {
        var errors = new List<FieldError>();
        var current = catalog.Current;
        if (before is not null && before.Owner != token.Name)
        {
            errors.Add(new FieldError("name", $"\"{name}\" is registered with token {before.Owner}", "choose another name, or have that registration removed"));
        }
        else if (current.ByName(name) is { Source: < SourceKind.Api } declared)
        {
            errors.Add(new FieldError("name", $"\"{name}\" is declared in {declared.Where}", "choose another name, or remove it there"));
        }

        // A host that the token could not have anyway is named as such and not as held: its holder is nobody's business.
        foreach (var (field, host) in hosts.Where(pair => token.Scope.AllowsHost(pair.Host)))
        {
            if (current.AllByHost(host).FirstOrDefault(other => !MayStandBeside(other, name, wanted, host)) is { } holder)
            {
                errors.Add(new FieldError(field, $"{host} belongs to service {holder.Name} ({holder.Where})", "choose another host, or have it removed there"));
            }
        }

        return errors;
    }

    // What a weaker source has is taken from it.
    private static bool MayStandBeside(Service other, string name, Service? wanted, string host) =>
        other.Source > SourceKind.Api || other.Source == SourceKind.Api
        && (other.Name == name || (wanted is not null && HostClaims.IsOfOneParty(other, wanted) && HostClaims.Of(other, host) != HostClaims.Of(wanted, host)));
}
