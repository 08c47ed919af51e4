namespace Edge.Outward;

/// <summary>
/// The TXT record beside a name that says whose it is, in the manner of external-dns: without it, what is there is somebody
/// else's and is let alone.
/// </summary>
/// <param name="owner">This box, such as "nas.example.com".</param>
internal sealed class OwnershipMark(string owner)
{
    /// <summary>Where the mark stands: below the name, so that the name may have texts of its own, and be an alias before.</summary>
    public const string Label = "_edge";

    /// <summary>What it says.</summary>
    public string Text => $"heritage=edge,owner={owner}";

    public static string NameOf(string host) => $"{Label}.{host}";

    /// <summary>Whose a name is.</summary>
    /// <param name="marks">The texts at the mark's name, without quotes.</param>
    /// <param name="isUsed">Whether there are addresses of families that we would set, or an alias.</param>
    public Claim ClaimOf(IReadOnlyCollection<string> marks, bool isUsed) =>
        marks.Contains(Text) ? Claim.Ours
        : marks.Count > 0 || isUsed ? Claim.Foreign
        : Claim.Free;

    /// <summary>What is said of a name that is somebody else's.</summary>
    public PushResult Foreign(string host) => new(
        PushOutcome.Foreign,
        $"it is there already, and no TXT at {NameOf(host)} says that it is ours: it was left alone; to hand it to Edge, remove it there, or add the TXT \"{Text}\"");
}
