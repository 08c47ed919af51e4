namespace Edge.Acme.Hosting;

/// <summary>Sets TXT records where the zone of a name is.</summary>
public interface IDnsChallengeProvider
{
    /// <summary>Adds a record beside those that are there: a name and its wildcard have one each, at the same place. Returns when the zone's name servers answer it.</summary>
    /// <param name="domainName">Where: "_acme-challenge." and the name.</param>
    /// <param name="text">What.</param>
    /// <param name="cancel">Gives up.</param>
    Task<DnsTxtRecord> AddTxtRecordAsync(string domainName, string text, CancellationToken cancel);

    /// <summary>Takes exactly that record away. Called whatever became of the order.</summary>
    Task RemoveTxtRecordAsync(DnsTxtRecord record, CancellationToken cancel);
}
