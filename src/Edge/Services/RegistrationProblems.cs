using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Services;

/// <summary>The refusals of the registration API.</summary>
internal static class RegistrationProblems
{
    public static ProblemDocument Unreadable(ProblemList problems) =>
        new(StatusCodes.Status400BadRequest, "malformed", "The body cannot be read", "The body is not a document that describes a service; nothing was changed.", Fields(problems));

    public static ProblemDocument Unknown(string name) =>
        new(StatusCodes.Status404NotFound, "not-registered", "There is no such registration", $"\"{name}\" is not registered, or its lease has ended: register it with PUT.");

    public static ProblemDocument Changed(string name, Stores.StoreEntry? entry) =>
        new(StatusCodes.Status412PreconditionFailed, "changed", "The registration is not what the request goes by", entry is null
            ? $"\"{name}\" is not registered; nothing was changed."
            : $"\"{name}\" is registered, with the tag {Precondition.TagOf(entry.Revision)}; nothing was changed.");

    public static ProblemDocument UnreadableHeader(string header) =>
        new(StatusCodes.Status400BadRequest, "malformed", "A header cannot be read", $"{header} is neither * nor a list of tags such as \"42\"; nothing was changed.");

    /// <summary>No more may listen; with a token's name, not with that one.</summary>
    public static ProblemDocument TooManyListeners(int most, string? token = null) =>
        new(StatusCodes.Status503ServiceUnavailable, "busy", "Too many listen already", $"{most} listen for changes{(token is null ? "" : $" with token {token}")}, and no more may; ask for the list instead, or try again.");

    public static ProblemDocument NotYours(string name, string owner) =>
        new(StatusCodes.Status403Forbidden, "not-yours", "The registration belongs to somebody else", $"\"{name}\" was registered with token {owner}; nothing was changed.");

    public static ProblemDocument ForAdmins(string token) =>
        new(StatusCodes.Status403Forbidden, "not-admin", "The token does not allow this", $"token {token} may see what it registered; edge token create NAME --admin makes one that sees all.");

    public static ProblemDocument Unauthorized(string detail) =>
        new(StatusCodes.Status401Unauthorized, "token", "A valid token is needed", detail);

    /// <summary>The refusal of a token that does not work, or does not any more.</summary>
    public static ProblemDocument Unauthorized(TokenCheck check) => Unauthorized(check.State switch
    {
        TokenState.Expired => $"Token {check.Token!.Name} expired on {check.Token.Expires:yyyy-MM-dd HH:mm} UTC; edge token create makes a new one.",
        TokenState.Revoked when check.Token!.Name == "local-admin" => "Token local-admin, by which the commands of this box speak, was revoked; Edge makes a new one when it starts again.",
        TokenState.Revoked => $"Token {check.Token!.Name} was revoked; edge token create makes a new one.",
        _ => "Nobody knows this token; edge token create makes one.",
    });

    public static ProblemDocument TooLarge(int most) =>
        new(StatusCodes.Status413PayloadTooLarge, "too-large", "The body is too large", $"A service takes {most >> 10} KiB at most; nothing was changed.");

    public static ProblemDocument WrongType(string? type) =>
        new(StatusCodes.Status415UnsupportedMediaType, "media-type", "The body's type is not known", $"Content-Type {type ?? "(none)"} is neither application/json nor application/yaml; nothing was changed.");

    public static ProblemDocument Unavailable(Stores.StoreUnavailableException wrong) => wrong.OutOfSpace
        ? new(StatusCodes.Status507InsufficientStorage, "disk-full", "The disk is full", Sentence(wrong.Message))
        : new(StatusCodes.Status503ServiceUnavailable, "store-unavailable", "The store is not available", Sentence(wrong.Message));

    public static ProblemDocument Busy(string name) =>
        new(StatusCodes.Status503ServiceUnavailable, "busy", "Others are changing the same registration", $"\"{name}\" was changed by others at the same moment, again and again; nothing was changed by this request.");

    /// <summary>One document for all that is wrong with a declaration; the status is that of the gravest kind.</summary>
    public static ProblemDocument Refused(ProblemList malformed, IReadOnlyList<FieldError> outside, IReadOnlyList<FieldError> held)
    {
        ImmutableArray<FieldError> errors = [.. Fields(malformed), .. outside, .. held];
        var (status, kind, title) = malformed.Any ? (StatusCodes.Status422UnprocessableEntity, "invalid", "The service is not described rightly")
            : outside.Count > 0 ? (StatusCodes.Status403Forbidden, "outside-scope", "The token does not allow this")
            : (StatusCodes.Status409Conflict, "held", "Somebody else has it");
        var fields = string.Join(", ", errors.Select(error => error.Field.Length == 0 ? "the body" : error.Field).Distinct());
        return new ProblemDocument(status, kind, title, $"At fault: {fields}. Nothing was changed.", errors);
    }

    private static ImmutableArray<FieldError> Fields(ProblemList problems) =>
        [.. problems.All.Select(problem => new FieldError(problem.Field, problem.Line > 0 ? $"line {problem.Line}: {problem.Message}" : problem.Message, problem.Hint))];

    private static string Sentence(string message) => $"{char.ToUpperInvariant(message[0])}{message[1..]}. Nothing was changed.";
}
