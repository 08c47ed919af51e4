using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Edge.Acme.Hosting;

/// <summary>Says more about certificates than the options do.</summary>
/// <param name="services">The application's services.</param>
public sealed class EdgeCertificatesBuilder(IServiceCollection services)
{
    /// <summary>The application's services.</summary>
    public IServiceCollection Services => services;

    /// <summary>Keeps account, orders and certificates in a folder, so that a restart orders nothing. Without it they are in memory only.</summary>
    public EdgeCertificatesBuilder PersistDataToDirectory(string folder)
    {
        services.Replace(ServiceDescriptor.Singleton<IAcmeFiles>(new DirectoryFiles(Path.GetFullPath(folder))));
        return this;
    }

    /// <summary>Keeps them somewhere else.</summary>
    public EdgeCertificatesBuilder PersistDataTo(IAcmeFiles files)
    {
        services.Replace(ServiceDescriptor.Singleton(files));
        return this;
    }

    /// <summary>Proves names by TXT records that a provider sets: dns-01, and with it wildcards.</summary>
    public EdgeCertificatesBuilder AddDnsChallenge<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProvider>()
        where TProvider : class, IDnsChallengeProvider
    {
        services.AddSingleton<IDnsChallengeProvider, TProvider>();
        services.AddSingleton<IChallengeSolver, DnsProviderSolver>();
        return this;
    }
}
