using Edge.Settings;

namespace Edge.Services;

/// <summary>The services of a running Edge, put together: files and registrations, tokens, the catalogue and its API.</summary>
internal sealed class ServicesRoom : IDisposable
{
    private readonly ServicesSetup _setup;
    private readonly FileServiceSource _files;
    private readonly RegistrationSource _registrations;
    private readonly Registrar _registrar;

    private ServicesRoom(ServicesSetup setup)
    {
        _setup = setup;
        var (logs, time) = (setup.Logs, setup.Time);
        var reader = new ServiceReader(setup.Domain, setup.Node);
        _files = new FileServiceSource(setup.Folder, setup.ShownAs, reader, time, logs.CreateLogger<FileServiceSource>());
        _registrations = new RegistrationSource(setup.Store, time, logs.CreateLogger<RegistrationSource>());
        Tokens = new TokenStore(setup.Store, time, logs.CreateLogger<TokenStore>());
        Catalog = new ServiceCatalog([setup.Announcements is { } announcements ? new AnnouncedSource(_files, announcements) : _files, _registrations, .. setup.Others], setup.Certificates, setup.Gateway, setup.Names, logs.CreateLogger<ServiceCatalog>());
        Loop = new ServicesLoop(_files, _registrations, setup.Others, Catalog, logs.CreateLogger<ServicesLoop>());
        _registrar = new Registrar(setup.Store, Tokens, _registrations, Catalog, reader, setup.Destinations, time);
    }

    /// <summary>The services in effect.</summary>
    public ServiceCatalog Catalog { get; }

    /// <summary>Who may register what.</summary>
    public TokenStore Tokens { get; }

    /// <summary>When it has started, everything declared so far is served; from then on it follows files and registrations.</summary>
    public ServicesLoop Loop { get; }

    /// <summary>What is wrong in the files now, and with what others declare.</summary>
    public IReadOnlyList<Problem> Problems => [.. _files.Problems, .. _setup.Others.SelectMany(other => other.Problems)];

    public static ServicesRoom Open(ServicesSetup setup) => new(setup);

    /// <summary>Adds the registration API.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="status">Tells how a service is served.</param>
    /// <param name="everything">Answers an admin who wants to see all services, whatever declared them.</param>
    /// <param name="stopping">Ends what goes on for as long as somebody listens.</param>
    public void MapRegistration(IEndpointRouteBuilder routes, IServiceStatus status, RequestDelegate everything, CancellationToken stopping)
    {
        var answer = new RegistrationAnswer(status, _setup.Time);
        var watch = new RegistrationWatch(_setup.Store, _registrations, _registrar, answer, Tokens, _setup.Time, stopping);
        new RegistrationEndpoint(_registrar, Tokens, answer, watch, everything,
            _setup.Logs.CreateLogger<RegistrationEndpoint>()).Map(routes);
    }

    public void Dispose() => Loop.Dispose();
}
