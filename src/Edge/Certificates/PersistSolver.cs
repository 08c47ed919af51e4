using System.Collections.Concurrent;
using System.Globalization;
using Edge.Acme;
using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>
/// dns-persist-01 (draft-ietf-acme-dns-persist): a record that names the CA and our account there. Such a record is a
/// standing permission for whoever has the account's key, so it stands only while an order runs, and says until when.
/// </summary>
/// <param name="records">Where the name server takes challenge records from.</param>
/// <param name="whyNotServed">Asks our own name server for a record; null when it answers it.</param>
/// <param name="time">The clock.</param>
internal sealed class PersistSolver(ChallengeRecords records, Func<ChallengeRecord, string?> whyNotServed, TimeProvider time) : IChallengeSolver
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<ChallengeAnswer, ChallengeRecord> _placed = new();

    public string Type => ChallengeType.DnsPersist01;

    /// <summary>Waits for the other servers of the zone; null when they answer the record, too.</summary>
    public Func<ChallengeRecord, CancellationToken, Task<string?>> WhyNotElsewhere { get; init; } = static (_, _) => Task.FromResult<string?>(null);

    public bool CanSolve(ChallengeAnswer answer) => !answer.Identifier.IsAddress && answer.Account is not null;

    public ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel)
    {
        if (answers.FirstOrDefault(answer => answer.IssuerDomainNames.IsDefaultOrEmpty) is { } nameless)
        {
            throw new IssuanceException($"the CA does not say how the record for {nameless.Identifier} should name it");
        }

        var placed = answers.Select(answer => (Answer: answer, Record: Record(answer))).ToList();
        foreach (var (answer, record) in placed)
        {
            _placed[answer] = record;
        }

        var shown = records.Present(placed.Select(item => item.Record));
        return ValueTask.FromResult<IAsyncDisposable>(new Withdrawal(() =>
        {
            shown.Dispose();
            foreach (var (answer, _) in placed)
            {
                _placed.TryRemove(answer, out _);
            }
        }));
    }

    /// <inheritdoc/>
    public async ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) =>
        !_placed.TryGetValue(answer, out var record) ? "it was not presented" : whyNotServed(record) ?? await WhyNotElsewhere(record, cancel).ConfigureAwait(false);

    /// <summary>The record's text: no semicolon at its end, the account byte for byte, the CA's name in lower case without a final dot.</summary>
    public static string Text(ChallengeAnswer answer, DateTimeOffset until) =>
        $"{answer.IssuerDomainNames[0].TrimEnd('.').ToLowerInvariant()}; accounturi={answer.Account.OriginalString}{(answer.Wildcard ? "; policy=wildcard" : "")}; persistUntil={until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";

    private ChallengeRecord Record(ChallengeAnswer answer) =>
        new(Name.Parse(answer.Identifier.Value).Prepend("_validation-persist"), Text(answer, time.GetUtcNow() + Life));
}
