using System.Net;
using Edge.Connections;
using Edge.Services;

namespace Edge.Gateway;

/// <summary>Tells before a service is taken what its route would be refused for.</summary>
internal sealed class DestinationCheck(OwnAddresses own) : IDestinationCheck
{
    public const string CircleHint = "name the address and port of the program behind the service";

    public string? Wrong(Uri destination, out string? hint)
    {
        hint = null;
        if (ServiceRoutes.Wrong(destination) is { } wrong)
        {
            return $"\"{destination}\" {wrong}";
        }

        if (own.LeadsBackTo(destination) is not { } listener)
        {
            return null;
        }

        hint = CircleHint;
        return Circle(destination, listener);
    }

    public static string Circle(Uri destination, IPEndPoint listener) => $"{destination} is this gateway itself ({listener}), so requests would go in a circle";
}
