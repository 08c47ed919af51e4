using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>A CA's refusal (RFC 7807, RFC 8555 §6.7), with the refusals of single names in it (§6.7.1).</summary>
internal sealed record AcmeProblem
{
    public const string Prefix = "urn:ietf:params:acme:error:";

    public required string Type { get; init; }

    public required string Detail { get; init; }

    public int? Status { get; init; }

    /// <summary>A page for a person: new terms to agree to, or how to unpause a name.</summary>
    public string? Instance { get; init; }

    public string? Identifier { get; init; }

    public ImmutableArray<AcmeProblem> Subproblems { get; init; } = [];

    /// <summary>Whether this is the ACME error of that short name, such as "badNonce".</summary>
    public bool Is(string error) => Type.AsSpan().StartsWith(Prefix) && Type.AsSpan(Prefix.Length).SequenceEqual(error);

    /// <summary>Whether it, or the refusal of one name in it, is one of these errors.</summary>
    public bool IsAny(params ReadOnlySpan<string> errors)
    {
        foreach (var error in errors)
        {
            if (Is(error))
            {
                return true;
            }
        }

        foreach (var sub in Subproblems)
        {
            if (sub.IsAny(errors))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether it says nothing of the order: trouble at the CA or before it (also one that shows a page where there should be JSON,
    /// or sends us to one), a limit on requests, nonces that went stale.
    /// </summary>
    public bool Passes => Status is >= 500 or 429 or 408 or (>= 200 and < 400) || Is("rateLimited") || Is("badNonce");

    public static AcmeProblem? ReadMember(JsonElement element, string name) =>
        Json.Member(element, name) is { ValueKind: JsonValueKind.Object } member ? Read(member) : null;

    public static AcmeProblem Read(JsonElement root)
    {
        var identifier = Json.Member(root, "identifier") ?? default;
        return new AcmeProblem
        {
            Type = Json.Text(root, "type") ?? "about:blank",
            Detail = Json.Text(root, "detail") ?? Json.Text(root, "title") ?? "no reason given",
            Status = Json.Number(root, "status"),
            Instance = Json.Text(root, "instance"),
            Identifier = Json.Text(identifier, "value"),
            Subproblems = [.. Json.List(root, "subproblems").Select(Read)],
        };
    }

    /// <summary>"unauthorized: Incorrect TXT record … [nas.example.com: caa: …] (see https://…)".</summary>
    public override string ToString()
    {
        var type = Type.StartsWith(Prefix, StringComparison.Ordinal) ? Type[Prefix.Length..] : Type;
        var name = Identifier is null ? "" : $"{Identifier}: ";
        var subs = Subproblems.IsEmpty ? "" : $" [{string.Join("; ", Subproblems)}]";
        var see = Instance is null ? "" : $" (see {Instance})";
        return $"{name}{type}: {Detail}{subs}{see}";
    }
}
