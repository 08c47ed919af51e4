namespace Edge.Acme.Hosting;

/// <summary>dns-01 by somebody else's name servers.</summary>
internal sealed class DnsProviderSolver(IDnsChallengeProvider provider, TimeProvider time) : IChallengeSolver
{
    private static readonly TimeSpan CleaningTime = TimeSpan.FromMinutes(1);

    public string Type => ChallengeType.Dns01;

    public bool CanSolve(ChallengeAnswer answer) => !answer.Identifier.IsAddress && answer.Token.Length > 0;

    public async ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel)
    {
        var shown = new Shown(provider, time);
        try
        {
            foreach (var answer in answers)
            {
                shown.Records.Add(await provider.AddTxtRecordAsync($"_acme-challenge.{answer.Identifier.Value}", answer.DnsText(), cancel).ConfigureAwait(false));
            }

            return shown;
        }
        catch (Exception failed)
        {
            await shown.DisposeAsync().ConfigureAwait(false);
            throw failed is OperationCanceledException && cancel.IsCancellationRequested ? failed : new IssuanceException($"the TXT record was not set: {failed.Message}");
        }
    }

    public ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) => ValueTask.FromResult<string?>(null);

    // With a token of its own: an order that was given up still takes its records away.
    private sealed class Shown(IDnsChallengeProvider provider, TimeProvider time) : IAsyncDisposable
    {
        public List<DnsTxtRecord> Records { get; } = [];

        public async ValueTask DisposeAsync()
        {
            using var limit = new CancellationTokenSource(CleaningTime, time);
            foreach (var record in Records)
            {
                await provider.RemoveTxtRecordAsync(record, limit.Token).ConfigureAwait(false);
            }
        }
    }
}
