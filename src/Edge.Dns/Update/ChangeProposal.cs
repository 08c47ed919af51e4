namespace Edge.Dns.Update;

/// <summary>What an update comes to, worked out and not yet made.</summary>
/// <param name="Refusal">Why nothing is changed; null when the update is good.</param>
/// <param name="Entry">What is changed; null when the zone is as it is wanted already.</param>
internal readonly record struct ChangeProposal(UpdateRefusal? Refusal, ChangeEntry? Entry)
{
    public static implicit operator ChangeProposal(UpdateRefusal refusal) => new(refusal, null);
}
