using System.Collections.Immutable;

namespace Edge.Outward;

/// <summary>The texts at the mark's name, sorted by whose they are.</summary>
/// <param name="Mark">The mark of this box.</param>
/// <param name="Ours">Marks of this box, in any form.</param>
/// <param name="Others">Marks of other boxes.</param>
/// <param name="Rest">Texts that are no marks.</param>
internal sealed record FoundMarks(OwnershipMark Mark, ImmutableArray<string> Ours, ImmutableArray<string> Others, ImmutableArray<string> Rest)
{
    /// <summary>Whether the mark is as it is to be; if not, it is written anew with the next change.</summary>
    public bool IsRight => Ours is [var only] && only == Mark.Text;

    /// <summary>Whether a text is a mark of this box that is to be taken away.</summary>
    public bool IsStale(string text) => text.Replace("\"", "", StringComparison.Ordinal) is var plain && plain != Mark.Text && Ours.Contains(plain);

    /// <summary>Whose the name is. With the mark of another box it is not ours, whatever else stands there: two boxes would write over each other.</summary>
    /// <param name="isUsed">Whether there are addresses of families that we would set, or an alias.</param>
    public Claim ClaimOf(bool isUsed) =>
        Others.Length > 0 ? Claim.Foreign
        : Ours.Length > 0 ? Claim.Ours
        : Rest.Length > 0 || isUsed ? Claim.Foreign
        : Claim.Free;

    /// <summary>What is said of a name that is somebody else's.</summary>
    public PushResult Foreign(string host)
    {
        var at = OwnershipMark.NameOf(host);
        var others = string.Join(" and ", Others.Select(text => $"\"{text}\""));
        return new PushResult(PushOutcome.Foreign, (Others.Length, Ours.Length) switch
        {
            (0, _) => $"it is there already, and no TXT at {at} says that it is ours: it was left alone; to hand it to Edge, remove it there, or add the TXT \"{Mark.Text}\"",
            (_, 0) => $"it is another box's: the TXT at {at} says {others}; it was left alone; to hand it to this one, put the TXT \"{Mark.Text}\" in its place there, and take the name out of the other's edge.yaml",
            _ => $"two boxes claim it: beside this one's, the TXT at {at} says {others}; it was left alone; remove the text of the box that is not to have it",
        });
    }
}
