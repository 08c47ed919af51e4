using System.Collections.Immutable;
using System.Text.Json;
using Edge.Acme;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// The certificates of Edge's own CA for clients of services with <c>client-cert: edge</c>: <c>ca/clients.json</c> in the data folder says
/// which there are, <c>ca/clients.crl</c> is made of it, and is what the services go by.
/// </summary>
internal sealed partial class ClientCertificates
{
    private const int LongestName = 64;
    private const int MostDays = 3650;

    private readonly string _path;
    private readonly string _list;
    private readonly CertificateAuthority _authority;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();

    /// <exception cref="IOException">What is known of them cannot be read: who was revoked would be let in.</exception>
    public ClientCertificates(string data, CertificateAuthority authority, TimeProvider time, ILogger logger)
    {
        (_path, _list) = (Path.Combine(data, "ca", "clients.json"), ListPath(data));
        (_authority, _time, _logger) = (authority, time, logger);
        All = Load();
        // A crash may have come between the two files.
        if (!File.Exists(_list) || All.Any(client => client.Revoked is not null))
        {
            TryWriteList(All);
        }
    }

    /// <summary>Every one that was made.</summary>
    public ImmutableArray<IssuedClient> All { get; private set; }

    /// <summary>The file with the list of those that were taken back.</summary>
    public static string ListPath(string data) => Path.Combine(data, "ca", "clients.crl");

    /// <summary>Makes one.</summary>
    /// <param name="name">Who shows it.</param>
    /// <param name="days">How long it lives.</param>
    /// <returns>The certificate, its key and the root, in PEM.</returns>
    /// <exception cref="IssuanceException">The name or the time is none.</exception>
    /// <exception cref="IOException">It could not be kept, and was not made.</exception>
    public MadeClient Issue(string name, int days)
    {
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl) || days is < 1 or > MostDays)
        {
            throw new IssuanceException($"a client's certificate needs a name of 1 to {LongestName} characters and a life of 1 to {MostDays} days");
        }

        var issued = _authority.IssueForClient(name, TimeSpan.FromDays(days));
        using var leaf = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(issued.ChainPem);
        var client = new IssuedClient(name, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
        lock (_gate)
        {
            Keep(All.Add(client));
        }

        Log.Issued(_logger, name, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
        return new MadeClient(client, issued.ChainPem, issued.KeyPem, _authority.RootPem);
    }

    /// <summary>Takes those of a name back, or the one with a serial number.</summary>
    /// <exception cref="IssuanceException">There is none that is good.</exception>
    /// <exception cref="IOException">It could not be kept, and they are still good.</exception>
    public string Revoke(string which)
    {
        lock (_gate)
        {
            var meant = All.Where(client => client.Revoked is null && (client.Name == which || client.Serial.Equals(which, StringComparison.OrdinalIgnoreCase))).ToList();
            if (meant.Count == 0)
            {
                throw new IssuanceException($"no client's certificate that is good has the name or the serial number \"{which}\"; \"edge certs clients\" lists them");
            }

            var now = _time.GetUtcNow();
            var changed = All.Select(client => meant.Contains(client) ? client with { Revoked = now } : client).ToImmutableArray();
            WriteList(changed);
            try
            {
                Keep(changed);
            }
            catch (IOException)
            {
                TryWriteList(All);
                throw;
            }

            foreach (var client in meant)
            {
                Log.Revoked(_logger, client.Name, client.Serial);
            }

            return string.Join('\n', meant.Select(client => $"{client.Name} (serial {client.Serial}) is revoked"));
        }
    }

    private void Keep(ImmutableArray<IssuedClient> all)
    {
        DurableFile.Write(_path, JsonSerializer.Serialize([.. all], IssuedClientJson.Default.IssuedClientArray) + "\n");
        All = all;
    }

    private void WriteList(ImmutableArray<IssuedClient> all) => DurableFile.Write(_list, _authority.ListOf(all.Where(client => client.Revoked is not null)));

    private void TryWriteList(ImmutableArray<IssuedClient> all)
    {
        try
        {
            WriteList(all);
        }
        catch (IOException full)
        {
            Log.NotWritten(_logger, _list, full.Message);
        }
    }

    private ImmutableArray<IssuedClient> Load()
    {
        try
        {
            return File.Exists(_path) ? [.. JsonSerializer.Deserialize(File.ReadAllText(_path), IssuedClientJson.Default.IssuedClientArray) ?? []] : [];
        }
        catch (JsonException broken)
        {
            throw new IOException($"{_path} cannot be read: {broken.Message} It says which clients' certificates were revoked: put the right one back, or move it and clients.crl away, after which all of them are good", broken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4141, LogLevel.Information, "A client's certificate was made for {Name} (serial {Serial}), valid to {NotAfter:u}")]
        public static partial void Issued(ILogger logger, string name, string serial, DateTimeOffset notAfter);

        [LoggerMessage(4142, LogLevel.Information, "The client's certificate of {Name} (serial {Serial}) was revoked")]
        public static partial void Revoked(ILogger logger, string name, string serial);

        [LoggerMessage(4143, LogLevel.Error, "{Path} could not be written: {Reason}; what it said before holds")]
        public static partial void NotWritten(ILogger logger, string path, string reason);
    }
}
