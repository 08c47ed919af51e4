using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Dns.Wire;
using Edge.Services;
using Edge.Settings;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.DynamicDns;

/// <summary>The names and their addresses: all of them in memory, each change on the disk before it is answered. One request at a time.</summary>
internal sealed partial class DynamicAddresses(DynamicDnsSetup setup, DynamicRecords records) : IDisposable
{
    /// <summary>There are never more than these.</summary>
    public const int Most = 10_000;

    private const string Prefix = "dynamic/";

    private readonly SemaphoreSlim _writing = new(1);
    private readonly NameRights _rights = new(setup);
    private readonly LentNames _lent = new(setup.Time);
    private volatile ImmutableSortedDictionary<string, DynamicAddress> _byHost = ImmutableSortedDictionary.Create<string, DynamicAddress>(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<DynamicAddress> All => _byHost.Values;

    /// <summary>Reads what the store has, and publishes it.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var (listing, now) = (await setup.Store.ListAsync(Prefix, cancel), setup.Time.GetUtcNow());
        var stored = listing.Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, DynamicDnsJson.Default.DynamicAddress)).OfType<DynamicAddress>().ToList();
        _byHost = stored.Select(address => LeaseEnd.AtStart(address, now)).ToImmutableSortedDictionary(address => address.Host, address => address, StringComparer.Ordinal);
        stored.ForEach(address => _lent.Set(address.Host, LeaseEnd.LeftAtStart(address, now)));
        records.Publish(_byHost.Select(pair => KeyValuePair.Create<string, DynamicAddress?>(pair.Key, pair.Value)));
        await KeepBegunAsync([.. stored.Where(address => _byHost[address.Host] != address).Select(address => _byHost[address.Host])]);
    }

    /// <summary>Gives names their addresses; when the call returns, they are answered and kept.</summary>
    /// <returns>A line for each name; null when the token does not work any more.</returns>
    public async Task<string[]?> UpdateAsync(Token token, UpdateRequest request, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            // It may have been revoked while this waited for others.
            if ((await setup.VerifyAgain(token, cancel)).State != TokenState.Valid)
            {
                return null;
            }

            var wanted = new Dictionary<string, DynamicAddress?>(StringComparer.Ordinal);
            var lines = new string[request.Hosts.Length];
            for (var i = 0; i < lines.Length; i++)
            {
                lines[i] = Refusal(token, request.Hosts[i], request, wanted) ?? "";
                if (lines[i].Length == 0)
                {
                    wanted[request.Hosts[i]!] = Next(token, request.Hosts[i]!, request);
                }
            }

            // Whether somebody else declares a name, the zones know best: so they get the records first.
            var changed = wanted.Where(pair => !pair.Value!.AnswersAs(_byHost.GetValueOrDefault(pair.Key))).ToList();
            if (changed.Count > 0)
            {
                records.Publish(changed);
            }

            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length == 0)
                {
                    lines[i] = await SettleAsync(wanted[request.Hosts[i]!]!, request);
                }
            }

            return lines;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Why a name is not answered from here; null when it is.</summary>
    public string? Hindrance(DynamicAddress address) => Placement.Hindrance(setup, address);

    public void Dispose() => _writing.Dispose();

    // What keeps a token from a name before it is looked at who has it.
    private string? Refusal(Token token, string? host, UpdateRequest request, Dictionary<string, DynamicAddress?> others)
    {
        if (host is null)
        {
            return UpdateWord.NotFqdn;
        }

        var had = _byHost.GetValueOrDefault(host);
        if (_rights.Refusal(token, host, had) is { } why)
        {
            Log.Refused(setup.Log, host, token.Name, why);
            return UpdateWord.NoHost;
        }

        if (request.Prefix is not null && request.SuffixOf(had) is null)
        {
            Log.NoSuffix(setup.Log, host, token.Name);
            return UpdateWord.DnsError;
        }

        if (request.Prefix is { } prefix && HostAddress.Usable(AddressSuffix.Under(prefix, request.SuffixOf(had)!)) is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            Log.NoHostAddress(setup.Log, host, token.Name, prefix.ToString());
            return UpdateWord.DnsError;
        }

        if (had is null && !others.ContainsKey(host) && _byHost.Count + others.Keys.Count(other => !_byHost.ContainsKey(other)) >= Most)
        {
            Log.Full(setup.Log, Most);
            return UpdateWord.DnsError;
        }

        return null;
    }

    private DynamicAddress Next(Token token, string host, UpdateRequest request)
    {
        var (had, now) = (_byHost.GetValueOrDefault(host), setup.Time.GetUtcNow());
        var suffix = request.SuffixOf(had);
        var next = new DynamicAddress(
            host,
            token.Name,
            request.KeepsIPv4 ? had?.IPv4 : request.IPv4,
            request.Prefix is { } prefix ? AddressSuffix.Under(prefix, suffix!).ToString() : request.KeepsIPv6 ? had?.IPv6 : request.IPv6,
            token.Scope.IsForLanOnly,
            had?.Changed ?? now)
        {
            // A whole address that is sent ends what was kept of the one before.
            Suffix = request.IPv6 is not null ? null : (request.Prefix is { } one ? AddressSuffix.Of(one, suffix!) : suffix)?.ToString(),
            Challenges = had?.Challenges,
            Ends = LeaseEnd.Of(token, had?.Ends, now),
            Granted = LeaseEnd.Granted(token),
        };
        return next.AnswersAs(had) ? next : next with { Changed = now };
    }

    // The records are published; now they stay, or go back to what they were.
    private async Task<string> SettleAsync(DynamicAddress address, UpdateRequest request)
    {
        var had = _byHost.GetValueOrDefault(address.Host);
        if (Hindrance(address) is { } why)
        {
            Publish(address.Host, had);
            Log.Refused(setup.Log, address.Host, address.Token, $"it {why}");
            return UpdateWord.NoHost;
        }

        if (!await KeepAsync([KeyValuePair.Create<string, DynamicAddress?>(address.Host, address)]))
        {
            Publish(address.Host, had);
            return UpdateWord.Trouble;
        }

        return $"{(address.AnswersAs(had) ? UpdateWord.Unchanged : UpdateWord.Good)} {request.Said(address)}";
    }

    private void Publish(string host, DynamicAddress? address) => records.Publish([KeyValuePair.Create(host, address)]);

    private static partial class Log
    {
        [LoggerMessage(3340, LogLevel.Information, "dynamic address: {Label}.{Host} has {Count} answers to challenges (token {Token})")]
        public static partial void Challenged(ILogger log, string label, string host, int count, string token);

        [LoggerMessage(3300, LogLevel.Information, "dynamic address: {Host} is {Addresses} (token {Token})")]
        public static partial void Updated(ILogger log, string host, string addresses, string token);

        [LoggerMessage(3301, LogLevel.Warning, "dynamic address: {Host} was refused to the token {Token}: {Reason}")]
        public static partial void Refused(ILogger log, string host, string token, string reason);

        [LoggerMessage(3302, LogLevel.Error, "dynamic address: there are {Most} names, and no more are taken; \"edge dynamic list\" shows them")]
        public static partial void Full(ILogger log, int most);

        [LoggerMessage(3303, LogLevel.Error, "dynamic address: {Host} could not be kept and stays as it was: {Reason}")]
        public static partial void NotKept(ILogger log, string host, string reason);

        [LoggerMessage(3304, LogLevel.Information, "dynamic address: {Host} of the token {Token} was removed")]
        public static partial void Removed(ILogger log, string host, string token);

        [LoggerMessage(3305, LogLevel.Information, "dynamic address: {Host} of the token {Token} was not sent again in time and has ended")]
        public static partial void Ended(ILogger log, string host, string token);

        [LoggerMessage(3306, LogLevel.Warning, "dynamic address: {Host} was refused to the token {Token}: a prefix was sent, and the name has no IPv6 address whose end could be kept; send suffix=::1234 with it once")]
        public static partial void NoSuffix(ILogger log, string host, string token);

        [LoggerMessage(3307, LogLevel.Warning, "dynamic address: {Host} was refused to the token {Token}: under the prefix {Prefix} it would have no address of a host")]
        public static partial void NoHostAddress(ILogger log, string host, string token, string prefix);
    }
}
