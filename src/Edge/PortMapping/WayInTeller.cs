using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Tells how it stands with the way in: the outside view, the log, and who asks.</summary>
internal sealed partial class WayInTeller(PortMappingSetup setup)
{
    private volatile WayInState _state = WayInState.Off;
    private string _told = "";

    /// <summary>How it stands.</summary>
    public WayInState State => _state;

    /// <summary>The settings that it came of; null for none.</summary>
    public PortMappingOptions? Of { get; private set; }

    /// <summary>How often the addresses that are told outside have changed.</summary>
    public long Changes { get; private set; }

    /// <summary>Nobody wants to know any more.</summary>
    public void TellOff()
    {
        if (!_state.IsOff)
        {
            (_state, _told, Of) = (WayInState.Off, "", null);
            setup.Publish([]);
        }
    }

    /// <summary>Tells what follows from what is known.</summary>
    public void Tell(WayInFacts facts, PortMappingOptions options, IPAddress? router, RouterMappings mappings)
    {
        // A line that is down takes no name away, and neither does an echo that has not answered yet.
        var isWaiting = options is { Echo: not null, Https: not null } && facts.Candidate is not null && facts.Proofs.IsEmpty;
        var published = isWaiting || (facts.Candidate is null && facts.Candidate6 is null && !facts.IsDoubleNat) ? _state.Published : facts.Published;
        if (!published.SequenceEqual(_state.Published))
        {
            Changes++;
            Log.Published(setup.Log, published.IsEmpty ? "nothing" : string.Join(", ", published));
        }

        _state = new WayInState(facts) { Router = router, Protocol = mappings.Protocol, Echo = options.Echo, Mappings = mappings.Mappings, Published = published };
        Of = options;
        setup.Publish(published);
        var words = WayInWords.Of(_state);
        if (words != _told && (_state.Verdict is not WayInVerdict.Unproven || facts.Proofs.Length > 0))
        {
            _told = words;
            Write(_state.Verdict, words);
        }
    }

    private void Write(WayInVerdict verdict, string words)
    {
        if (verdict is WayInVerdict.Proven or WayInVerdict.Direct)
        {
            Log.Open(setup.Log, words);
        }
        else
        {
            Log.NotOpen(setup.Log, words);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3420, LogLevel.Information, "The way in: {Words}")]
        public static partial void Open(ILogger log, string words);

        [LoggerMessage(3421, LogLevel.Warning, "The way in: {Words}")]
        public static partial void NotOpen(ILogger log, string words);

        [LoggerMessage(3422, LogLevel.Information, "The outside view has {Addresses} for addresses: auto")]
        public static partial void Published(ILogger log, string addresses);
    }
}
