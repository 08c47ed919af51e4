using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>A renewal whose certificate the manager keeps.</summary>
internal sealed class ManagedRenewal(CertificateManager manager, RenewalJob job) : IRenewal
{
    public ImmutableArray<string> Names => job.Names;

    public RenewalState State => job.State;

    public HeldCertificate? Held { get; } = job.Held is { } held ? new HeldCertificate(held.Issuer, held.Leaf, held.NotBefore, held.NotAfter) : null;

    public bool Forced => job.Forced;

    public ImmutableArray<Issuance> IssuancesOf(string issuer) => manager.IssuancesOf(issuer, job);

    public bool Obtained(string issuer, IssuedCertificate issued, ImmutableArray<IssuerRest> resting) => manager.Obtained(job, issuer, issued, resting);

    public void Spent(string issuer) => manager.Spent(job, issuer);

    public void Failed(string reason, string? doubted, Func<int, TimeSpan> wait, ImmutableArray<IssuerRest> resting) => manager.Failed(job, reason, doubted, wait, resting);

    public void Release(TimeSpan pause) => manager.Release(job, pause);
}
