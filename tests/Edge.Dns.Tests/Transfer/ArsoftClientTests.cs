using System.Net;
using ARSoft.Tools.Net.Dns;
using Xunit;
using Arsoft = ARSoft.Tools.Net.DomainName;

namespace Edge.Dns.Tests.Transfer;

/// <summary>A client that shares no code with anybody else here has a whole zone with a key, and finds the signature right.</summary>
public sealed class ArsoftClientTests
{
    [Theory]
    [InlineData("lan-key", "lan")]
    [InlineData("public-key", "public")]
    public async Task It_has_the_horizon_of_its_key(string key, string view)
    {
        await using var server = new TransferringServer(TransferringServer.ByKey);
        var client = new DnsClient([IPAddress.Loopback], [new TcpClientTransport(server.Port)], true, 30_000);
        var query = new DnsMessage { IsQuery = true, OperationCode = OperationCode.Query };
        query.Questions.Add(new DnsQuestion(Arsoft.Parse("example.com"), RecordType.Axfr, RecordClass.INet));
        query.TSigOptions = new TSigRecord(
            Arsoft.Parse(key), TSigAlgorithm.Sha256, DateTime.UtcNow, TimeSpan.FromMinutes(5), query.TransactionID, ReturnCode.NoError, [], Convert.FromBase64String(TransferringServer.Secret));
        var answer = await client.SendMessageAsync(query, TestContext.Current.CancellationToken);
        Assert.Equal((ReturnCode.NoError, ReturnCode.NoError), (answer!.ReturnCode, answer.TSigOptions!.ValidationResult));
        Assert.Equal(server.Content(view).Count + 1, answer.AnswerRecords.Count);
        Assert.Equal(RecordType.Soa, answer.AnswerRecords[^1].RecordType);
        Assert.Contains(view == "lan" ? "192.168.1.10" : "192.0.2.80", answer.AnswerRecords.OfType<ARecord>().Select(record => record.Address.ToString()));
    }
}
