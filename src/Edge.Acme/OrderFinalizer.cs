using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>The second half of an order: the request is handed in, the certificate waited for, fetched and checked.</summary>
/// <param name="client">The CA, with an account.</param>
/// <param name="choices">What certificates are to be like.</param>
/// <param name="patience">How long to wait for the CA.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when the CA has no such chain.</param>
internal sealed partial class OrderFinalizer(AcmeClient client, IssuerChoices choices, AcmePatience patience, TimeProvider time, ILogger logger)
{
    // CAs that refuse a request without a common name.
    private static readonly string[] WantsCommonName = ["acme.zerossl.com"];

    /// <summary>The profile to order; null for none.</summary>
    /// <param name="names">What the certificate is for.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="AcmeException">The CA does not offer the one that is set.</exception>
    public async Task<string?> ProfileAsync(ImmutableArray<string> names, CancellationToken cancel)
    {
        var offered = (await client.DirectoryAsync(cancel).ConfigureAwait(false)).Profiles;
        return choices.Profile switch
        {
            null when offered.Contains(IssuerChoices.OfAddresses) && names.Any(name => AcmeIdentifier.Of(name).IsAddress) => IssuerChoices.OfAddresses,
            null => offered.Contains(IssuerChoices.Usual) ? IssuerChoices.Usual : null,
            "" => null,
            var set when offered.Contains(set) => set,
            _ when choices.IsTest => null,
            var set => throw new AcmeException(new AcmeProblem
            {
                Type = AcmeProblem.Prefix + "invalidProfile",
                Detail = $"the CA offers no profile \"{set}\", {(offered.IsEmpty ? "and no other" : "only " + string.Join(", ", offered))}",
            }),
        };
    }

    /// <summary>From an order whose names are proven to its certificate.</summary>
    public async Task<IssuedCertificate> FinishAsync(AcmeOrder order, ECDsa key, ImmutableArray<string> names, CancellationToken cancel)
    {
        var isNew = order.Status != AcmeStatus.Valid;
        order = await PollAsync(order, static order => order.Status is AcmeStatus.Pending or AcmeStatus.Unknown, patience.Validation, cancel).ConfigureAwait(false);
        var request = CertificateRequests.ForServer(key, names, isCertificate: false, commonName: WantsCommonName.Contains(client.DirectoryUrl.Host)).CreateSigningRequest();
        order = await FinalizeAsync(order, request, cancel).ConfigureAwait(false);
        var url = order.Certificate ?? throw Failed(order, "the order is valid but has no certificate URL");
        var chain = await FetchAsync(url, isNew, cancel).ConfigureAwait(false);
        IssuedChainCheck.Demand(chain, key, names, isNew, time.GetUtcNow());
        return new IssuedCertificate(chain, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, byte[] request, CancellationToken cancel)
    {
        if (order.Status == AcmeStatus.Ready)
        {
            try
            {
                order = await client.FinalizeAsync(order, request, cancel).ConfigureAwait(false);
            }
            catch (AcmeException early) when (early.Problem.Is("orderNotReady"))
            {
                // RFC 8555 §7.4: the order's own state decides. "Ready" once more means that the CA was behind itself.
                order = await PollAsync(order with { Status = AcmeStatus.Unknown }, static order => order.Status is AcmeStatus.Pending or AcmeStatus.Unknown, patience.Validation, cancel).ConfigureAwait(false);
                if (order.Status == AcmeStatus.Ready)
                {
                    order = await client.FinalizeAsync(order, request, cancel).ConfigureAwait(false);
                }
            }
        }

        return await PollAsync(order, static order => order.Status is not AcmeStatus.Valid, patience.Issuance, cancel).ConfigureAwait(false);
    }

    /// <summary>Looks at an order until it is in another state than those in <paramref name="waiting"/>.</summary>
    private async Task<AcmeOrder> PollAsync(AcmeOrder order, Func<AcmeOrder, bool> waiting, TimeSpan deadline, CancellationToken cancel)
    {
        var looks = new AcmePolling(patience.First, deadline, time);
        var first = true;
        while (true)
        {
            if (order.Status is AcmeStatus.Invalid or AcmeStatus.Expired or AcmeStatus.Deactivated or AcmeStatus.Revoked)
            {
                throw Failed(order, $"the order became {order.Status.ToString().ToLowerInvariant()}");
            }

            if (!waiting(order))
            {
                return order;
            }

            // The first look costs nothing: most CAs are done by then.
            if (!(first && order.Status is AcmeStatus.Pending or AcmeStatus.Unknown) && !await looks.WaitAsync(order.RetryAfter, cancel).ConfigureAwait(false))
            {
                // Not the end of the order: the next attempt finds it further on.
                throw new AcmeException(new AcmeProblem { Type = "about:blank", Status = 504, Detail = $"the order was still {order.Status.ToString().ToLowerInvariant()} after {deadline}" }, order.RetryAfter);
            }

            first = false;
            order = await client.GetOrderAsync(order.Url, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>What the CA has made is asked for once more by the next attempt; then it is lost, and counts as made.</summary>
    private async Task<string> FetchAsync(Uri url, bool isNew, CancellationToken cancel)
    {
        try
        {
            return await DownloadAsync(url, cancel).ConfigureAwait(false);
        }
        catch (AcmeException refused) when (!refused.Problem.Passes && !refused.Problem.Is("accountDoesNotExist"))
        {
            throw new IssuanceException($"the CA made the certificate and does not give it: {refused.Message}") { Issued = !isNew, Passes = isNew };
        }
    }

    private async Task<string> DownloadAsync(Uri url, CancellationToken cancel)
    {
        var usual = await client.DownloadChainAsync(url, cancel).ConfigureAwait(false);
        if (choices.PreferredChain is not { } root || usual.LeadsTo(root))
        {
            return usual.Pem;
        }

        foreach (var alternate in usual.Alternates)
        {
            try
            {
                var other = await client.DownloadChainAsync(alternate, cancel).ConfigureAwait(false);
                if (other.LeadsTo(root))
                {
                    return other.Pem;
                }
            }
            catch (AcmeException refused)
            {
                // The usual chain is there, and better than none.
                Log.ChainNotGiven(logger, alternate, refused.Message);
            }
        }

        Log.NoSuchChain(logger, root);
        return usual.Pem;
    }

    private static AcmeException Failed(AcmeOrder order, string otherwise) =>
        new(order.Error ?? new AcmeProblem { Type = "about:blank", Detail = otherwise }, order.RetryAfter);

    private static partial class Log
    {
        [LoggerMessage(4109, LogLevel.Warning, "The CA does not give the other chain {Url}: {Reason}")]
        public static partial void ChainNotGiven(ILogger logger, Uri url, string reason);

        [LoggerMessage(4108, LogLevel.Warning, "The CA has no chain that leads to \"{Root}\"; its usual one is used")]
        public static partial void NoSuchChain(ILogger logger, string root);
    }
}
