using System.Collections.Immutable;
using Edge.Acme;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>What a person may ask for by command: renew, revoke, exchange an account's key.</summary>
/// <param name="manager">Knows the certificates.</param>
/// <param name="issuers">The public CAs.</param>
/// <param name="logger">Told what was done.</param>
internal sealed partial class CertificateDesk(CertificateManager manager, ImmutableArray<PublicIssuer> issuers, ILogger logger)
{
    /// <summary>Reasons as RFC 5280 §5.3.1 numbers them, those a subscriber may give.</summary>
    public static readonly ImmutableArray<(string Word, int Code)> Reasons = [("unspecified", 0), ("keyCompromise", 1), ("affiliationChanged", 3), ("superseded", 4), ("cessationOfOperation", 5)];

    /// <summary>Orders a new certificate now.</summary>
    /// <exception cref="IssuanceException">There is none of that name.</exception>
    public string Renew(string name) => manager.Force(name) is { } names
        ? $"a new certificate for {string.Join(", ", names)} is being ordered; \"edge certs\" shows how it goes"
        : throw Unknown(name);

    /// <summary>Takes a certificate back at its CA, out of service here, and orders one with another key.</summary>
    /// <exception cref="IssuanceException">There is none, or none of that CA, or no such reason.</exception>
    /// <exception cref="AcmeException">The CA refused.</exception>
    /// <exception cref="IOException">It is revoked, and its files could not be put away; it serves on.</exception>
    public async Task<string> RevokeAsync(string name, string reason, CancellationToken cancel)
    {
        if (Reasons.FirstOrDefault(known => known.Word.Equals(reason, StringComparison.OrdinalIgnoreCase)) is not { Word: { } word } chosen)
        {
            throw new IssuanceException($"\"{reason}\" is no reason to revoke; it is one of {string.Join(", ", Reasons.Select(known => known.Word))}");
        }

        var held = manager.PublicOf(name) ?? throw Unknown(name);
        var issuer = issuers.FirstOrDefault(issuer => issuer.Name == held.Issuer) ?? throw new IssuanceException($"{held.Issuer}, which issued it, is not among the CAs of edge.yaml");
        await issuer.Main.RevokeAsync(held.Leaf, chosen.Code, cancel).ConfigureAwait(false);
        manager.Counters.Revoked();

        // What the order still has is the same certificate, with a key that may be in other hands: while the disk keeps it, the new
        // one would be that. The same command ends what was begun.
        issuer.Main.Settle([held.Id.Name]);
        manager.Withdraw(held);

        Log.Revoked(logger, string.Join(", ", held.Names), held.Issuer, held.Leaf.SerialNumber, word);
        return $"the certificate {held.Leaf.SerialNumber} for {string.Join(", ", held.Names)} is revoked ({word}); its files are set aside, and one with a new key is being ordered";
    }

    /// <summary>Exchanges the key of our account at each CA, or at one.</summary>
    /// <param name="ca">The CA as <c>edge certs</c> names it; null for all.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<string> RollOverAsync(string? ca, CancellationToken cancel)
    {
        var chosen = issuers.Where(issuer => ca is null || issuer.Name.Equals(ca, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0)
        {
            throw new IssuanceException(issuers.IsEmpty ? "no public CA is set in edge.yaml" : $"\"{ca}\" is not among the CAs of edge.yaml: {string.Join(", ", issuers.Select(issuer => issuer.Name))}");
        }

        var done = new List<string>();
        foreach (var issuer in chosen)
        {
            done.Add($"the account {await issuer.Main.Accounts.RollOverAsync(cancel).ConfigureAwait(false)} at {issuer.Name} has a new key");
        }

        return string.Join("\n", done);
    }

    private IssuanceException Unknown(string name)
    {
        var known = manager.Public().Select(wanted => wanted.Name).ToList();
        return new IssuanceException(known.Count == 0
            ? $"no certificate here is from a public CA, so there is nothing to do for \"{name}\""
            : $"no certificate from a public CA is for \"{name}\"; there are {string.Join(", ", known)}");
    }

    private static partial class Log
    {
        [LoggerMessage(4118, LogLevel.Warning, "Certificate for {Names} from {Issuer} ({Serial}) was revoked by command: {Reason}")]
        public static partial void Revoked(ILogger logger, string names, string issuer, string serial, string reason);
    }
}
