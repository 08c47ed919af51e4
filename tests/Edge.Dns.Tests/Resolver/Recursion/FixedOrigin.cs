using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Somebody who has these records and denies all else.</summary>
internal sealed class FixedOrigin(params string[] records) : IAnswerOrigin
{
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline)
    {
        var message = new Message { Flags = MessageFlags.Response };
        message.Questions.Add(new Question(key.Name, key.Type));
        message.Answer.AddRange(records.Select(FakeUpstream.Record).Where(record => record.Owner == key.Name));
        message.Rcode = message.Answer.Count == 0 ? Rcode.NxDomain : Rcode.NoError;
        return Task.FromResult(OriginAnswer.Of(message, "inside"));
    }
}
