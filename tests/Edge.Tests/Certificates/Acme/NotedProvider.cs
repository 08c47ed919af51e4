using Edge.Acme.Hosting;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A provider of DNS that writes down what it is asked for.</summary>
internal sealed class NotedProvider : IDnsChallengeProvider
{
    public List<string> Notes { get; } = [];

    public Task<DnsTxtRecord> AddTxtRecordAsync(string domainName, string text, CancellationToken cancel)
    {
        Notes.Add($"+ {domainName}");
        return Task.FromResult(new DnsTxtRecord(domainName, text));
    }

    public Task RemoveTxtRecordAsync(DnsTxtRecord record, CancellationToken cancel)
    {
        Notes.Add($"- {record.DomainName}");
        return Task.CompletedTask;
    }
}
