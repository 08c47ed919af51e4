namespace Edge.Services;

/// <summary>A declaration, or one host of it, that another service held first.</summary>
/// <param name="Lost">The declaration that is not in effect for <paramref name="What"/>.</param>
/// <param name="Holder">The service that has it.</param>
/// <param name="What">The name or host they both want.</param>
internal sealed record ServiceConflict(Service Lost, Service Holder, string What)
{
    /// <summary>"photos.example.com belongs to service photos (proxy-routes/photos.yaml:2)".</summary>
    public string Told => $"{What} belongs to service {Holder.Name} ({Holder.Where})";
}
