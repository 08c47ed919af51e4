using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>One question to one server: over UDP, over TCP where that is needed, without EDNS or in lower case where it must be.</summary>
internal sealed class ServerInquiry(RecursionContext context, Pursuit pursuit, ServerState server, QuestionKey question)
{
    private static readonly TimeSpan TcpTimeout = TimeSpan.FromSeconds(2);

    private readonly IPEndPoint _endPoint = new(server.Address, context.Options.Port);

    public async Task<ServerReply> AskAsync()
    {
        var withEdns = !server.IsPlain(context.Now);
        var reply = await AskAsync(withEdns).ConfigureAwait(false);
        // RFC 6891 §7: who does not know EDNS says FORMERR or NOTIMP.
        if (withEdns && reply.Message?.Rcode is Rcode.FormErr or Rcode.NotImp)
        {
            var second = await AskAsync(withEdns: false).ConfigureAwait(false);
            if (second.Message?.Rcode is Rcode.NoError or Rcode.NxDomain)
            {
                server.SetPlain(context.Now);
                return second;
            }
        }

        return reply;
    }

    private async Task<ServerReply> AskAsync(bool withEdns)
    {
        var mixedCase = !server.IsLowerCase(context.Now);
        var query = UpstreamQuery.Create(question, withEdns, recursionDesired: false, mixedCase: mixedCase);
        var reply = await SendAsync(query, overTcp: false).ConfigureAwait(false);
        if (reply.Kind != ReplyKind.NeedsTcp)
        {
            return Parse(reply);
        }

        reply = await SendAsync(query, overTcp: true).ConfigureAwait(false);
        if (reply.Kind == ReplyKind.Message && query.Match(reply.Message) == ReplyMatch.OtherCase)
        {
            // It was really the server that changed the case, so there is no use in going over TCP each time.
            server.SetLowerCase(context.Now);
        }

        return reply.Kind != ReplyKind.Message && mixedCase ? await AskTwiceAsync(withEdns).ConfigureAwait(false) : Parse(reply);
    }

    // The last resort for a server that changes the case and has no TCP: a forger would have to guess twice.
    private async Task<ServerReply> AskTwiceAsync(bool withEdns)
    {
        var first = Parse(await SendAsync(UpstreamQuery.Create(question, withEdns, recursionDesired: false, mixedCase: false), overTcp: false).ConfigureAwait(false));
        if (first.Message is null)
        {
            return first;
        }

        var second = Parse(await SendAsync(UpstreamQuery.Create(question, withEdns, recursionDesired: false, mixedCase: false), overTcp: false).ConfigureAwait(false));
        if (second.Message is null)
        {
            return second;
        }

        if (!Says(first.Message).SetEquals(Says(second.Message)))
        {
            return new ServerReply(null, ReplyKind.NeedsTcp, "changes the case of names, has no TCP and says different things");
        }

        server.SetLowerCase(context.Now);
        return second;
    }

    private static HashSet<(Name, RecordType, RData)> Says(Message message) =>
        [.. message.Answer.Concat(message.Authority).Select(record => (record.Owner, record.Type, record.Data))];

    private async Task<UpstreamReply> SendAsync(UpstreamQuery query, bool overTcp)
    {
        if (!pursuit.Budget.TryQuery())
        {
            return UpstreamReply.Failed(ReplyKind.Timeout, "no queries left");
        }

        context.Counters.OnQuery(overTcp);
        var sentAt = context.Now;
        using var timer = new CancellationTokenSource(overTcp ? TcpTimeout : server.Timeout, context.Clock.Time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, pursuit.Deadline);
        var reply = await context.Link.AskAsync(_endPoint, query, overTcp, deadline.Token).ConfigureAwait(false);
        // UDP has just shown that the server lives, so a failing TCP says nothing about that.
        if (!overTcp)
        {
            Learn(reply, sentAt, timer.IsCancellationRequested);
        }

        return reply;
    }

    private void Learn(UpstreamReply reply, long sentAt, bool timedOut)
    {
        var now = context.Now;
        switch (reply.Kind)
        {
            case ReplyKind.Message or ReplyKind.NeedsTcp:
                server.OnReply(sentAt, now);
                context.Servers.Families.OnReply(server.Address, now);
                break;
            case ReplyKind.Unreachable:
                server.OnUnreachable(now);
                context.Servers.Families.OnFailure(server.Address, now);
                break;
            case ReplyKind.Timeout when timedOut:
                context.Counters.OnTimeout();
                server.OnTimeout(sentAt, now);
                context.Servers.Families.OnFailure(server.Address, now);
                break;
        }
    }

    private ServerReply Parse(UpstreamReply reply)
    {
        if (reply.Kind != ReplyKind.Message)
        {
            return new ServerReply(null, reply.Kind, reply.Error ?? "no reply");
        }

        if (MessageHeader.TryRead(reply.Message, out var header) && header.QuestionCount == 1)
        {
            // Names compressed against the question would carry the random case we sent.
            question.Name.Wire.CopyTo(reply.Message.AsSpan(MessageHeader.Length));
        }

        return Message.TryParse(reply.Message, out var message, out var error) ? new ServerReply(message, ReplyKind.Message, "")
            : new ServerReply(null, ReplyKind.Message, $"malformed reply, {error}");
    }
}
