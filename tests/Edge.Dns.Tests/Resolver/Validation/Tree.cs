using System.Collections.Concurrent;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>A small tree of signed zones that stands in for the world: the root, "example.", and "corp.example." below it.</summary>
internal sealed class Tree : IAnswerOrigin
{
    public static readonly DateTimeOffset Epoch = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<(Name, RecordType), Func<Message?>> _answers = new();

    public Tree(SigningAlgorithm algorithm = SigningAlgorithm.EcdsaP256Sha256)
    {
        Root = new SigningZone(".", algorithm);
        Example = new SigningZone("example.", algorithm);
        Corp = new SigningZone("corp.example.", algorithm);
        Put(Root.Origin, RecordType.DNSKEY, () => Of(Root.Keys));
        Put(Example.Origin, RecordType.DS, () => Of(Root.Sign(Example.Ds)));
        Put(Example.Origin, RecordType.DNSKEY, () => Of(Example.Keys));
        Put(Corp.Origin, RecordType.DS, () => Of(Example.Sign(Corp.Ds)));
        Put(Corp.Origin, RecordType.DNSKEY, () => Of(Corp.Keys));
    }

    public SigningZone Root { get; }

    public SigningZone Example { get; }

    public SigningZone Corp { get; }

    public FakeTimeProvider Time { get; } = new(Epoch);

    /// <summary>What was asked.</summary>
    public ConcurrentQueue<QuestionKey> Asked { get; } = [];

    public ValidationOptions Options => new() { Anchors = [Root.Ds] };

    public static Message Of(IEnumerable<ResourceRecord> answer, IEnumerable<ResourceRecord>? authority = null, Rcode rcode = Rcode.NoError)
    {
        var message = new Message { Rcode = rcode, Flags = MessageFlags.Response | MessageFlags.RecursionAvailable };
        message.Answer.AddRange(answer);
        message.Authority.AddRange(authority ?? []);
        return message;
    }

    /// <summary>Says what is answered to a question; null for no answer at all.</summary>
    public void Put(Name name, RecordType type, Func<Message?> answer) => _answers[(name, type)] = answer;

    public void Put(string name, RecordType type, Message? answer) => Put(Name.Parse(name), type, () => answer);

    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline)
    {
        Asked.Enqueue(key);
        var answer = _answers.TryGetValue((key.Name, key.Type), out var make) ? make() : key.Type == RecordType.DS ? NoCut(key.Name) : null;
        return Task.FromResult(answer is null ? OriginAnswer.Failed(ExtendedErrorCode.NetworkError, "nobody there") : OriginAnswer.Of(answer, "tree"));
    }

    /// <summary>A validator of this tree.</summary>
    public AnswerValidator Validator(ValidationOptions? options = null) =>
        new(this, new ValidationState(options ?? Options, Time, NullLogger.Instance), Time);

    /// <summary>The verdict on an answer.</summary>
    public Task<Verdict> Judge(string name, RecordType type, Message answer, ValidationOptions? options = null) =>
        Validator(options).ValidateAsync(Key(name, type), answer, TestContextToken);

    public static QuestionKey Key(string name, RecordType type) => new(Name.Parse(name), type, QuestionKey.Flags(dnssecOk: true, checkingDisabled: false));

    // Where a test says nothing else, a name is one of the zone above it.
    private Message NoCut(Name name)
    {
        var zone = new[] { Corp, Example, Root }.First(zone => zone.Origin != name && name.IsAtOrBelow(zone.Origin));
        return Of([], [.. zone.Soa, .. zone.Nsec($"{name}", $"\\000.{name}", RecordType.A)]);
    }

    private static CancellationToken TestContextToken => Xunit.TestContext.Current.CancellationToken;
}
