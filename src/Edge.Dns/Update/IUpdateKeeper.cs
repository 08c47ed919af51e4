using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>Takes updates that are signed with keys of its own, and keeps what they change elsewhere than in the journal.</summary>
public interface IUpdateKeeper
{
    /// <summary>What the owner of a key may change; null when the key is none of its.</summary>
    UpdateKey? Find(Name key);

    /// <summary>Makes a change when its turn comes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="evaluate">Works the change out: is given the records that are kept at a name, and says what is to be there.</param>
    /// <param name="cancel">Ends the wait; the change may be made all the same.</param>
    /// <returns>Null when it is kept and served; else why nothing was changed.</returns>
    Task<UpdateRefusal?> SubmitAsync(Name key, Func<Func<Name, IEnumerable<ResourceRecord>>, UpdateOutcome> evaluate, CancellationToken cancel);
}
