using Edge.Names;

namespace Edge.Admin;

/// <summary>What can be said of the way in without asking the router: settings that do nothing, or lead elsewhere.</summary>
internal static class WayInCheck
{
    /// <summary>A warning for each.</summary>
    public static IEnumerable<string> Of(EdgeOptions options)
    {
        var wish = options.PortMapping;
        if (wish.Maps && wish.Https is { } https)
        {
            if (MappedPorts.Reachable(options.Gateway.Https) is not { } port)
            {
                yield return $"{options.Places.Of("port-mapping")}: gateway.https listens for this machine alone, so that the router has nowhere to lead to; say gateway.https: [0.0.0.0:443]";
            }
            else if (options.PublicHttpsPort != https)
            {
                yield return $"{options.Places.Of("port-mapping")}: clients outside come to port {https}, but redirects and HTTPS records say {options.PublicHttpsPort}; say gateway.https-port: {https}{(port == https ? "" : $", or listen at {https}")}";
            }
        }

        if (wish.Maps && wish.Http is not null && MappedPorts.Reachable(options.Gateway.Http) is null)
        {
            yield return $"{options.Places.Of("port-mapping")}: gateway.http listens for this machine alone, so that plain HTTP is not mapped; say gateway.http: [0.0.0.0:80], or port-mapping: {{http: off}}";
        }

        if (wish is { Maps: false, Https: null, Echo: not null })
        {
            yield return $"{options.Places.Of("port-mapping", "https")}: without a port nothing can be tried from outside";
        }

        if (wish.Maps && !options.TellsPublicAddresses && options.Views.All(view => view.Name == ViewOptions.Lan || view.Addresses.IsEmpty))
        {
            yield return $"{options.Places.Of("port-mapping")}: no view tells the address that is found, so that no name leads to the mapped ports; say views.public.addresses: auto";
        }

        if (options.AddressEcho.Enabled && options.Gateway.Https.IsEmpty)
        {
            yield return $"{options.Places.Of("address-echo")}: is answered by HTTPS, and gateway.https is empty";
        }
    }
}
