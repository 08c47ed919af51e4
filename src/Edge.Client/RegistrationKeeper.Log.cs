using Microsoft.Extensions.Logging;

namespace Edge.Client;

/// <content>What is said of it.</content>
internal sealed partial class RegistrationKeeper
{
    private static partial class Log
    {
        [LoggerMessage(9000, LogLevel.Information, "Service {Name} is served at {Urls}, from {Destination}")]
        public static partial void Registered(ILogger log, string name, string urls, string destination);

        [LoggerMessage(9001, LogLevel.Warning, "Service {Name} is registered with {Destination}, but not served everywhere it should be: {Missing}")]
        public static partial void NotServed(ILogger log, string name, string destination, string missing);

        [LoggerMessage(9002, LogLevel.Information, "Service {Name} is registered with Edge at {Url} again")]
        public static partial void GoesOn(ILogger log, string name, Uri url);

        [LoggerMessage(9003, LogLevel.Warning, "Edge at {Url} cannot be asked to serve {Name}: {Reason}. It is tried again until it can")]
        public static partial void Away(ILogger log, string name, Uri url, string reason);

        [LoggerMessage(9004, LogLevel.Error, "Service {Name} is refused by Edge at {Url}: {Reason}")]
        public static partial void Refused(ILogger log, string name, Uri url, string reason);

        [LoggerMessage(9005, LogLevel.Warning, "Service {Name} was registered anew by somebody else, perhaps another instance of this application. This one stands by until that registration ends")]
        public static partial void StandsBy(ILogger log, string name);

        [LoggerMessage(9006, LogLevel.Information, "Service {Name} was taken away")]
        public static partial void Removed(ILogger log, string name);

        [LoggerMessage(9007, LogLevel.Warning, "Service {Name} could not be taken away, and ends with its lease, within {Lease}: {Reason}")]
        public static partial void NotRemoved(ILogger log, string name, TimeSpan lease, string reason);
    }
}
