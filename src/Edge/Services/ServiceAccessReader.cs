using System.Collections.Immutable;
using Edge.Services.Routing;
using Edge.Settings;

namespace Edge.Services;

/// <summary>Reads the keys of a service's declaration that say who may use it.</summary>
internal static class ServiceAccessReader
{
    private const int MostValues = 1000;

    private static readonly (string Word, AuthKind Kind)[] Kinds = [("none", AuthKind.None), ("basic", AuthKind.Basic), ("forward", AuthKind.Forward), ("oidc", AuthKind.Oidc)];

    public static string Word(AuthKind kind) => Kinds.First(pair => pair.Kind == kind).Word;

    /// <summary>What the keys say; null when there is none of them.</summary>
    /// <param name="reader">The declaration.</param>
    /// <param name="mayNameFiles">False for a registration.</param>
    public static ServiceAccess? Read(MapReader reader, bool mayNameFiles = false)
    {
        var allow = reader.List("allow", "lan, an address, a network without bits behind its prefix (203.0.113.0/24), or ddns:HOST", AllowedClients.Parse);
        var authorities = reader.Node("client-cert") is ScalarNode { Value: ServiceAccess.EdgesOwn } ? reader.Text("client-cert") : TrafficReader.FileOf(reader, "client-cert", mayNameFiles);
        var revoked = TrafficReader.FileOf(reader, "client-crl", mayNameFiles);
        var word = reader.Word("auth", [.. Kinds.Select(pair => pair.Word)]);
        var kind = word is null ? AuthKind.None : Kinds.First(pair => pair.Word == word).Kind;
        var users = reader.List("users", "a user's name", static text => text.Length is > 0 and <= 64 && !text.Contains(':') ? text : null);
        var groups = reader.List("groups", "a group's name", static text => text.Length is > 0 and <= 256 ? text : null);
        var rate = Rate(reader);
        if (revoked is not null && (authorities is null || authorities == ServiceAccess.EdgesOwn))
        {
            reader.Problems.Add(reader.Map.Find("client-crl")!, authorities is null ? "needs client-cert beside it" : "is for the CAs of a file; what was made by \"edge certs client\" is taken back by \"edge certs revoke-client\"");
        }

        Check(reader, kind, users.Count, groups.Count, allow.Count);
        return allow.Count == 0 && kind == AuthKind.None && rate is null && authorities is null
            ? null
            : new ServiceAccess { Allow = [.. allow], ClientCert = authorities, ClientCrl = revoked, Auth = kind, Users = [.. users], Groups = [.. groups], Rate = rate };
    }

    private static void Check(MapReader reader, AuthKind kind, int users, int groups, int allowed)
    {
        // An empty list would let everybody in, which is the opposite of what it looks like.
        if (reader.Map.Find("allow") is { } list && allowed == 0 && reader.Items("allow").Count == 0)
        {
            reader.Problems.Add(list, "names nobody", "leave it out to let everybody in, or name clients: [lan]");
        }

        if (allowed > MostValues)
        {
            reader.Problems.Add(reader.Map.Find("allow")!, $"has {allowed} values; {MostValues} at most");
        }

        if (users > 0 && kind != AuthKind.Basic)
        {
            reader.Problems.Add(reader.Map.Find("users")!, "needs auth: basic beside it");
        }

        if (groups > 0 && kind != AuthKind.Oidc)
        {
            reader.Problems.Add(reader.Map.Find("groups")!, "needs auth: oidc beside it");
        }
    }

    private static RateRule? Rate(MapReader reader)
    {
        switch (reader.Node("rate"))
        {
            case null:
                return null;
            case ScalarNode { Value: { } text } when RateRule.Parse(text) is { } rule:
                return rule;
            case var wrong:
                reader.Problems.Add(wrong, "is not a rate", "requests in a time, and how many may come at once: 10/s burst 20, or 100/m, or 1000/h");
                return null;
        }
    }
}
