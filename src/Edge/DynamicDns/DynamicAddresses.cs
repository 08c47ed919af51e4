using System.Collections.Immutable;
using System.Text.Json;
using Edge.Dns.Wire;
using Edge.Services;
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
    private volatile ImmutableSortedDictionary<string, DynamicAddress> _byHost = ImmutableSortedDictionary.Create<string, DynamicAddress>(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<DynamicAddress> All => _byHost.Values;

    /// <summary>Reads what the store has, and publishes it.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var listing = await setup.Store.ListAsync(Prefix, cancel);
        _byHost = listing.Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, DynamicDnsJson.Default.DynamicAddress))
            .OfType<DynamicAddress>().ToImmutableSortedDictionary(address => address.Host, address => address, StringComparer.Ordinal);
        records.Publish(_byHost.Select(pair => KeyValuePair.Create<string, DynamicAddress?>(pair.Key, pair.Value)));
    }

    /// <summary>Gives names their addresses; when the call returns, they are answered and kept.</summary>
    /// <returns>A line for each name.</returns>
    public async Task<string[]> UpdateAsync(Token token, UpdateRequest request, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            var wanted = new Dictionary<string, DynamicAddress?>(StringComparer.Ordinal);
            var lines = new string[request.Hosts.Length];
            for (var i = 0; i < lines.Length; i++)
            {
                lines[i] = Refusal(token, request.Hosts[i], wanted) ?? "";
                if (lines[i].Length == 0)
                {
                    wanted[request.Hosts[i]!] = Next(token, request.Hosts[i]!, request);
                }
            }

            // Whether somebody else declares a name, the zones know best: so they get the records first.
            var changed = wanted.Where(pair => pair.Value != _byHost.GetValueOrDefault(pair.Key)).ToList();
            if (changed.Count > 0)
            {
                records.Publish(changed);
            }

            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length == 0)
                {
                    lines[i] = await SettleAsync(wanted[request.Hosts[i]!]!, request.Addresses);
                }
            }

            return lines;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Forgets a name. False when there is none.</summary>
    /// <exception cref="StoreUnavailableException">It could not be kept.</exception>
    public async Task<bool> RemoveAsync(string host, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (!_byHost.TryGetValue(host, out var address))
            {
                return false;
            }

            await setup.Store.DeleteAsync(Prefix + host, null, CancellationToken.None);
            _byHost = _byHost.Remove(host);
            Publish(host, null);
            Log.Removed(setup.Log, host, address.Token);
            return true;
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
    private string? Refusal(Token token, string? host, Dictionary<string, DynamicAddress?> others)
    {
        if (host is null)
        {
            return UpdateWord.NotFqdn;
        }

        var why = !token.Scope.AllowsHost(host) ? "the token is for other names"
            : !setup.IsOurs(Name.Parse(host)) ? "it lies in no zone of ours"
            : setup.ServiceAt(host) is { } service ? $"it is a host of {service}"
            : _byHost.GetValueOrDefault(host) is { } had && had.Token != token.Name ? $"it belongs to the token {had.Token} (\"edge dynamic remove {host}\" takes it away)"
            : null;
        if (why is not null)
        {
            Log.Refused(setup.Log, host, token.Name, why);
            return UpdateWord.NoHost;
        }

        if (!_byHost.ContainsKey(host) && !others.ContainsKey(host) && _byHost.Count + others.Keys.Count(other => !_byHost.ContainsKey(other)) >= Most)
        {
            Log.Full(setup.Log, Most);
            return UpdateWord.DnsError;
        }

        return null;
    }

    private DynamicAddress Next(Token token, string host, UpdateRequest request)
    {
        var had = _byHost.GetValueOrDefault(host);
        var next = new DynamicAddress(
            host,
            token.Name,
            request.KeepsIPv4 ? had?.IPv4 : request.IPv4,
            request.KeepsIPv6 ? had?.IPv6 : request.IPv6,
            token.Scope.IsForLanOnly,
            had?.Changed ?? default);
        return next == had ? had : next with { Changed = setup.Time.GetUtcNow() };
    }

    // The records are published; now they stay, or go back to what they were.
    private async Task<string> SettleAsync(DynamicAddress address, string said)
    {
        var had = _byHost.GetValueOrDefault(address.Host);
        if (Hindrance(address) is { } why)
        {
            Publish(address.Host, had);
            Log.Refused(setup.Log, address.Host, address.Token, $"it {why}");
            return UpdateWord.NoHost;
        }

        if (address == had)
        {
            return $"{UpdateWord.Unchanged} {said}";
        }

        try
        {
            await setup.Store.PutAsync(Prefix + address.Host, JsonSerializer.SerializeToUtf8Bytes(address, DynamicDnsJson.Default.DynamicAddress), null, null, CancellationToken.None);
        }
        catch (StoreUnavailableException away)
        {
            Publish(address.Host, had);
            Log.NotKept(setup.Log, address.Host, away.Message);
            return UpdateWord.Trouble;
        }

        _byHost = _byHost.SetItem(address.Host, address);
        Log.Updated(setup.Log, address.Host, address.IPv4, address.IPv6, address.Token);
        return $"{UpdateWord.Good} {said}";
    }

    private void Publish(string host, DynamicAddress? address) => records.Publish([KeyValuePair.Create(host, address)]);

    private static partial class Log
    {
        [LoggerMessage(3300, LogLevel.Information, "dynamic address: {Host} is {IPv4} {IPv6} (token {Token})")]
        public static partial void Updated(ILogger log, string host, string? ipv4, string? ipv6, string token);

        [LoggerMessage(3301, LogLevel.Warning, "dynamic address: {Host} was refused to the token {Token}: {Reason}")]
        public static partial void Refused(ILogger log, string host, string token, string reason);

        [LoggerMessage(3302, LogLevel.Error, "dynamic address: there are {Most} names, and no more are taken; \"edge dynamic list\" shows them")]
        public static partial void Full(ILogger log, int most);

        [LoggerMessage(3303, LogLevel.Error, "dynamic address: {Host} could not be kept and stays as it was: {Reason}")]
        public static partial void NotKept(ILogger log, string host, string reason);

        [LoggerMessage(3304, LogLevel.Information, "dynamic address: {Host} of the token {Token} was removed")]
        public static partial void Removed(ILogger log, string host, string token);
    }
}
