using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>What stands behind the <c>$</c> of a rule: <c>important</c>, <c>denyallow</c>, <c>dnstype</c> and <c>client</c>.</summary>
internal sealed class RuleModifiers
{
    private static readonly RuleModifiers None = new();

    private ImmutableArray<RecordType> _types = [];
    private bool _typesExcluded;
    private ImmutableArray<ClientNetwork> _clients = [];
    private ImmutableArray<ClientNetwork> _otherClients = [];
    private ImmutableArray<byte[]> _except = [];

    public bool Important { get; private set; }

    /// <summary>Whether the rule needs to look at more than the name.</summary>
    public bool HasConditions => !_types.IsEmpty || !_clients.IsEmpty || !_otherClients.IsEmpty || !_except.IsEmpty;

    /// <summary>Reads them; an unknown one makes the rule unusable, since it narrows it in a way that is not known here.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out RuleModifiers? modifiers, out string? error)
    {
        error = null;
        modifiers = None;
        if (text.Length == 0)
        {
            return true;
        }

        modifiers = new RuleModifiers();
        foreach (var modifier in text.Split(','))
        {
            var equals = modifier.IndexOf('=', StringComparison.Ordinal);
            var (key, values) = equals < 0 ? (modifier, []) : (modifier[..equals], modifier[(equals + 1)..].Split('|'));
            error = key.Trim() switch
            {
                "important" => modifiers.SetImportant(),
                "denyallow" => modifiers.ReadExceptions(values),
                "dnstype" => modifiers.ReadTypes(values),
                "client" => modifiers.ReadClients(values),
                _ => $"has a modifier that is not known for names: {ShownText.Of(key)}",
            };
            if (error is not null)
            {
                modifiers = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>A rule under these conditions.</summary>
    public ConditionalRule Condition(int source, RuleKind kind, GlobPattern? pattern, Regex? expression) => new()
    {
        Source = source,
        Kind = kind,
        Pattern = pattern,
        Expression = expression,
        Types = _types,
        TypesExcluded = _typesExcluded,
        Clients = _clients,
        OtherClients = _otherClients,
        Except = _except,
    };

    private string? SetImportant()
    {
        Important = true;
        return null;
    }

    private string? ReadExceptions(string[] values)
    {
        foreach (var value in values)
        {
            if (!DomainText.TryRead(Encoding.UTF8.GetBytes(value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value), out var name))
            {
                return $"has a domain in denyallow that is none: {ShownText.Of(value)}";
            }

            _except = _except.Add(name.Suffix(0).ToArray());
        }

        return values.Length == 0 ? "has a denyallow without a domain" : null;
    }

    private string? ReadTypes(string[] values)
    {
        _typesExcluded = values is [['~', ..], ..];
        foreach (var value in values)
        {
            if (value.StartsWith('~') != _typesExcluded || !Enum.TryParse<RecordType>(value.TrimStart('~'), ignoreCase: true, out var type))
            {
                return $"has a dnstype that is not known: {ShownText.Of(value)}";
            }

            _types = _types.Add(type);
        }

        return values.Length == 0 ? "has a dnstype without a type" : null;
    }

    private string? ReadClients(string[] values)
    {
        foreach (var value in values)
        {
            if (!ClientNetwork.TryParse(value.TrimStart('~').Trim('\'', '"'), out var network))
            {
                return $"has a client that is neither an address nor a network: {ShownText.Of(value)}";
            }

            if (value.StartsWith('~'))
            {
                _otherClients = _otherClients.Add(network.Value);
            }
            else
            {
                _clients = _clients.Add(network.Value);
            }
        }

        return values.Length == 0 ? "has a client without an address" : null;
    }
}
