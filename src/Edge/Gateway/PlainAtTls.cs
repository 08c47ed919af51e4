using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Connections;
using Edge.Connections.Tls;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Tells clients that speak plain HTTP where TLS is spoken what is wrong, and takes it down. It stands in front of TLS and looks
/// at one byte, which stays where it is: a TLS record begins with a number (RFC 8446 section 5.1), a request with the letter of a method.
/// </summary>
internal sealed class PlainAtTls(Rejections rejections)
{
    private const int MostHead = 8 * 1024;

    /// <summary>To be called before what speaks TLS.</summary>
    public void Use(IConnectionBuilder way) => way.Use(next => connection => LookAsync(connection, next));

    private async Task LookAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!await IsPlainAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    // As long as a handshake may take. True when it is over.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<bool> IsPlainAsync(ConnectionContext connection)
    {
        var patience = HandshakePatience.Begin();
        try
        {
            if (await FirstAsync(connection, patience.Token).ConfigureAwait(false) is not (>= 'A' and <= 'Z'))
            {
                return false;
            }

            await AnswerAsync(connection, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            connection.Abort();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // Nobody is there to be told.
        }
        finally
        {
            HandshakePatience.End(patience);
        }

        return true;
    }

    private static ValueTask<int> FirstAsync(ConnectionContext connection, CancellationToken cancel) =>
        connection is LoopConnection { IsTransportUsed: false } untouched ? untouched.PeekAsync(cancel) : FirstAsync(connection.Transport.Input, cancel);

    private static async ValueTask<int> FirstAsync(PipeReader input, CancellationToken cancel)
    {
        var read = await input.ReadAsync(cancel).ConfigureAwait(false);
        var first = read.Buffer.IsEmpty ? -1 : read.Buffer.FirstSpan[0];
        input.AdvanceTo(read.Buffer.Start);
        return first;
    }

    private async Task AnswerAsync(ConnectionContext connection, CancellationToken cancel)
    {
        if (connection.RemoteEndPoint is IPEndPoint { Address: var client } && rejections.IsBanned(client))
        {
            return;
        }

        var (record, isAnswered) = (rejections.Begin(), false);
        try
        {
            isAnswered = await AnswerAsync(connection, record, cancel).ConfigureAwait(false);
        }
        finally
        {
            record.Aborted = !isAnswered;
            rejections.End(record, isOffence: isAnswered, isAnyPages: true);
        }
    }

    private static async Task<bool> AnswerAsync(ConnectionContext connection, RequestRecord record, CancellationToken cancel)
    {
        record.Id = connection.ConnectionId;
        record.Client = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        record.Scheme = Uri.UriSchemeHttp;
        record.Status = StatusCodes.Status400BadRequest;
        record.Reject("Plain HTTP at an HTTPS port");
        if (await HeadAsync(connection.Transport.Input, cancel).ConfigureAwait(false) is not { } head)
        {
            return false;
        }

        var line = head[0].Split(' ');
        (record.Method, record.Target, record.Protocol) = line is [var method, var target, var protocol] ? (method, target, protocol) : ("", "", "");
        record.Host = Field(head, "Host");
        var page = GatewayPages.PlainAtTls(record.Host);
        var (type, body) = page.Form(Field(head, "Accept"), record.Id);
        var output = connection.Transport.Output;
        output.Write(Encoding.Latin1.GetBytes(Answer(page.Status, type, body.Length, record.Id)));
        record.Bytes = HttpMethods.IsHead(record.Method) ? 0 : body.Length;
        output.Write(body.AsSpan(0, (int)record.Bytes));
        await output.FlushAsync(cancel).ConfigureAwait(false);
        return true;
    }

    // The lines of the head; what is longer is cut. Null when the client left before its end.
    private static async Task<string[]?> HeadAsync(PipeReader input, CancellationToken cancel)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancel).ConfigureAwait(false);
            var text = Encoding.Latin1.GetString(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MostHead)));
            var isWhole = text.Length == MostHead || text.Contains("\r\n\r\n", StringComparison.Ordinal);
            input.AdvanceTo(isWhole ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (isWhole || read.IsCompleted)
            {
                return isWhole ? text.Split("\r\n") : null;
            }
        }
    }

    private static string Field(string[] head, string name) =>
        head.Skip(1).TakeWhile(static line => line.Length > 0).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";

    private static string Answer(int status, string type, int length, string id)
    {
        var headers = new HeaderDictionary();
        GatewayPage.Head(headers, type, length, id);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Bad Request\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return text.Append("\r\n").ToString();
    }
}
