using System.Collections.Concurrent;
using Edge.Acme;
using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>
/// dns-01 (RFC 8555 §8.4), answered by our own name server: at the name itself, or where its CNAMEs lead. dns-account-01 is the
/// same below a label of the account's, so that another account's answers, or its alias, may stand beside it.
/// </summary>
/// <param name="type">One of the two.</param>
/// <param name="records">Where the name server takes challenge records from.</param>
/// <param name="targets">Finds where a challenge is answered.</param>
/// <param name="whyNotServed">Asks our own name server for a record; null when it answers it.</param>
internal sealed class DnsSolver(string type, ChallengeRecords records, Func<Name, CancellationToken, ValueTask<Name>> targets, Func<ChallengeRecord, string?> whyNotServed) : IChallengeSolver
{
    private readonly ConcurrentDictionary<ChallengeAnswer, ChallengeRecord> _placed = new();

    public string Type => type;

    /// <summary>Waits for the other servers of the zone; null when they answer the record, too.</summary>
    public Func<ChallengeRecord, CancellationToken, Task<string?>> WhyNotElsewhere { get; init; } = static (_, _) => Task.FromResult<string?>(null);

    public bool CanSolve(ChallengeAnswer answer) => !answer.Identifier.IsAddress && answer.Token.Length > 0;

    public async ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel)
    {
        var placed = new List<(ChallengeAnswer Answer, ChallengeRecord Record)>();
        foreach (var answer in answers)
        {
            var owner = await targets(OwnerOf(answer), cancel).ConfigureAwait(false);
            placed.Add((answer, new ChallengeRecord(owner, answer.DnsText())));
        }

        foreach (var (answer, record) in placed)
        {
            _placed[answer] = record;
        }

        var shown = records.Present(placed.Select(item => item.Record));
        return new Withdrawal(() =>
        {
            shown.Dispose();
            foreach (var (answer, _) in placed)
            {
                _placed.TryRemove(answer, out _);
            }
        });
    }

    private Name OwnerOf(ChallengeAnswer answer) => ChallengeRecords.OwnerOf(answer.Identifier.Value) is var owner && type == ChallengeType.DnsAccount01
        ? owner.Prepend(AccountLabel.Of(answer.Account)) : owner;

    /// <inheritdoc/>
    public async ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) =>
        !_placed.TryGetValue(answer, out var record) ? "it was not presented" : whyNotServed(record) ?? await WhyNotElsewhere(record, cancel).ConfigureAwait(false);
}
