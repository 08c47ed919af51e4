using System.Net;
using Edge.Access;
using Edge.Gateway.Straight;
using Edge.Observability;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front;

/// <summary>What is taken down of the requests that the front serves, as <see cref="RequestObserver"/> and the pipeline do for the others.</summary>
internal sealed class FrontBooks(ObservabilityRoom room, CutRequests cut, BanManager bans, ConnectFailureHealthPolicy health, BrokenAnswers broken)
{
    // The client left before it was answered.
    private const int ClientClosedRequest = 499;

    public AnswerDate Date { get; } = new(room.Time);

    public TimeProvider Time => room.Time;

    /// <summary>A request begins.</summary>
    /// <param name="now">The time.</param>
    public RequestRecord Begin(DateTimeOffset now)
    {
        var record = room.Records.Get();
        record.Begin(now);
        room.Requests.Begin();
        return record;
    }

    /// <summary>It is left to the web server, where it begins again.</summary>
    public void Withdraw(RequestRecord record)
    {
        room.Requests.Withdraw();
        room.Records.Return(record);
    }

    /// <summary>The request ends that the record is of.</summary>
    public void End(RequestRecord record)
    {
        record.End();
        cut.Note(record);
        room.Requests.End(record);
        room.Log.Add(record);
    }

    /// <summary>The client left before there was an answer.</summary>
    public static void Left(in FrontRequest request, ForwarderError error)
    {
        var record = request.Record;
        (record.Status, record.Aborted, record.Bytes) = (ClientClosedRequest, true, 0);
        record.Tried(request.Begin, error.ToString(), isTheirs: false);
    }

    /// <summary>The destination has answered.</summary>
    public void Answered(in FrontRequest request, IPAddress client)
    {
        request.Record.Tried(request.Begin, null, isTheirs: false);
        if (request.State is { } state)
        {
            health.Answered(request.Entry.Model.Cluster!, state);
            request.Entry.LearnSole();
        }

        if (request.Record.Status == StatusCodes.Status404NotFound)
        {
            bans.Note(client, OffenceKind.NotFound, HostText.Normal(request.Record.Host), request.IsEmbedded);
        }
    }

    /// <summary>The answer did not come to its end.</summary>
    public void BrokenOff(in FrontRequest request, ForwardFailure failure)
    {
        var record = request.Record;
        record.Aborted = true;
        record.Tried(request.Begin, failure.Error.ToString(), failure.Error == ForwarderError.ResponseBodyDestination || failure.WasSilent);
        var query = record.Target.IndexOf('?', StringComparison.Ordinal);
        broken.Tell(record.Method, record.Host, query < 0 ? record.Target : record.Target[..query], request.Entry, failure, record.Id);
    }
}
