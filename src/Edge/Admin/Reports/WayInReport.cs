using System.Collections.Immutable;
using Edge.PortMapping;

namespace Edge.Admin.Reports;

/// <summary>How the internet reaches this box.</summary>
/// <param name="State">One word: off, unknown, unproven, proven, direct, disproved, double-nat.</param>
/// <param name="Words">The same in sentences, with what to do.</param>
/// <param name="Router">The router that is asked.</param>
/// <param name="Protocol">What it speaks: PCP, NAT-PMP, UPnP.</param>
/// <param name="RouterAddress">Its address outside, as it says.</param>
/// <param name="EchoAddresses">Where an echo sees us.</param>
/// <param name="Published">What views with <c>addresses: auto</c> tell.</param>
/// <param name="Mappings">The ports.</param>
internal sealed record WayInReport(
    string State,
    string Words,
    string? Router,
    string? Protocol,
    string? RouterAddress,
    ImmutableArray<string> EchoAddresses,
    ImmutableArray<string> Published,
    ImmutableArray<MappingReport> Mappings)
{
    public static WayInReport Of(WayInState state) => new(
        Word(state.Verdict),
        WayInWords.Of(state),
        state.Router?.ToString(),
        state.Protocol,
        state.Facts.Router?.ToString(),
        [.. state.Facts.Echoed.Select(address => address.ToString())],
        [.. state.Published.Select(address => address.ToString())],
        [.. state.Mappings.Select(MappingReport.Of)]);

    private static string Word(WayInVerdict verdict) => verdict == WayInVerdict.DoubleNat ? "double-nat" : verdict.ToString().ToLowerInvariant();
}
