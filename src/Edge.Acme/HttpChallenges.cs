using System.Collections.Concurrent;

namespace Edge.Acme;

/// <summary>
/// http-01 (RFC 8555 §8.3): the answers to be given on port 80, whatever the host of the request, before anything else
/// looks at it.
/// </summary>
public sealed class HttpChallenges : IChallengeSolver
{
    /// <summary>The path of every answer, up to its token.</summary>
    public const string Prefix = "/.well-known/acme-challenge/";

    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Type => ChallengeType.Http01;

    /// <summary>Whether there is anything to answer at all: what every other request pays for.</summary>
    public bool IsIdle => _answers.IsEmpty;

    /// <summary>Wildcards cannot be proven in this way; addresses can (RFC 8738 §4).</summary>
    public bool CanSolve(ChallengeAnswer answer) => !answer.Wildcard && IsToken(answer.Token);

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel)
    {
        foreach (var answer in answers)
        {
            _answers[answer.Token] = answer.KeyAuthorization;
        }

        return ValueTask.FromResult<IAsyncDisposable>(new Withdrawal(() =>
        {
            foreach (var answer in answers)
            {
                _answers.TryRemove(answer.Token, out _);
            }
        }));
    }

    /// <summary>The way from the CA to port 80 is for the CA to find out: nobody can look at himself from outside.</summary>
    public ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) =>
        ValueTask.FromResult(_answers.ContainsKey(answer.Token) ? null : "it was not presented");

    /// <summary>The exact body for a path; null when it is no challenge that runs now.</summary>
    public string? Find(string? path) =>
        path is not null && path.StartsWith(Prefix, StringComparison.Ordinal) && _answers.TryGetValue(path[Prefix.Length..], out var body) ? body : null;

    // RFC 8555 §8.3: base64url. Anything else could be a path of its own.
    private static bool IsToken(string token) => token.Length > 0 && token.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
