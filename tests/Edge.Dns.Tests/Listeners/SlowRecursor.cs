using System.Net;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Listeners;

/// <summary>An upstream that answers every name with 203.0.113.1 as soon as it is let.</summary>
internal sealed class SlowRecursor : IRecursor
{
    private readonly TaskCompletionSource _let = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Let() => _let.TrySetResult();

    public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
    {
        length = 0;
        return false;
    }

    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
    {
        await _let.Task.WaitAsync(cancel);
        Message.TryParse(query.Span, out var message, out _);
        message!.Flags |= MessageFlags.Response | MessageFlags.RecursionAvailable;
        message.Answer.Add(new ResourceRecord(message.Questions[0].Name, RecordType.A, 60, RData.Address(IPAddress.Parse("203.0.113.1"))));
        return message.Write(answer.Span[..limit]);
    }
}
