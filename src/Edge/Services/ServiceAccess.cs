using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Edge.Settings;

namespace Edge.Services;

/// <summary>Who may use a service, as its declaration says. Two that say the same are equal.</summary>
internal sealed record ServiceAccess
{
    /// <summary>The clients that may; everybody when empty.</summary>
    public ImmutableArray<AllowedClients> Allow { get; init; } = [];

    /// <summary>Instead of a file: Edge's own CA.</summary>
    public const string EdgesOwn = "edge";

    /// <summary>The file of the CAs of which a client must show a certificate, or <see cref="EdgesOwn"/>; null when it need not.</summary>
    public string? ClientCert { get; init; }

    /// <summary>The file of the lists of what those CAs have revoked; null where nobody looks.</summary>
    public string? ClientCrl { get; init; }

    public AuthKind Auth { get; init; }

    /// <summary>The users that may, of those with a password; all of them when empty.</summary>
    public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>The groups of which a user must be in one; any user when empty.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>How often one client may ask.</summary>
    public RateRule? Rate { get; init; }

    /// <summary>Whether it asks for nothing but the client's address, which is known of every connection and datagram.</summary>
    public bool IsOfAddressesOnly => ClientCert is null && Auth == AuthKind.None && Rate is null;

    /// <summary>The keys as JSON, in the schema that a service's declaration has: what the store keeps.</summary>
    public string Json => Write();

    /// <summary>What <see cref="Json"/> said; null when that says nothing, or cannot be read.</summary>
    public static ServiceAccess? Parse(string json)
    {
        var problems = new ProblemList();
        if (JsonDocumentReader.Read(Encoding.UTF8.GetBytes(json), problems) is not { } map)
        {
            return null;
        }

        var reader = new MapReader(map, problems);
        var access = ServiceAccessReader.Read(reader);
        reader.Done();
        return problems.Any ? null : access;
    }

    public bool Equals(ServiceAccess? other) => other is not null && Json == other.Json;

    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);

    private string Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            List(json, "allow", Allow.Select(allowed => allowed.Text));
            Text(json, "client-cert", ClientCert);
            Text(json, "client-crl", ClientCrl);
            Text(json, "auth", Auth == AuthKind.None ? null : ServiceAccessReader.Word(Auth));
            List(json, "users", Users);
            List(json, "groups", Groups);
            Text(json, "rate", Rate?.ToString());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Text(Utf8JsonWriter json, string key, string? value)
    {
        if (value is not null)
        {
            json.WriteString(key, value);
        }
    }

    private static void List(Utf8JsonWriter json, string key, IEnumerable<string> values)
    {
        var all = values.ToList();
        if (all.Count == 0)
        {
            return;
        }

        json.WriteStartArray(key);
        foreach (var value in all)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
