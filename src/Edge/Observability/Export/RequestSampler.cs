using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Edge.Observability.Export;

/// <summary>
/// Which requests are traced: a share of them, chosen by the trace's number, so that all who see the same trace choose
/// alike. Whoever calls may leave his own out, and cannot make Edge trace more than its share. What Edge itself asks of others
/// is traced as a part of a request only.
/// </summary>
internal sealed class RequestSampler(double share) : Sampler
{
    private readonly TraceIdRatioBasedSampler _share = new(share);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isPart = parent.SpanId != default && !parent.IsRemote;
        return isPart ? Verdict(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            : samplingParameters.Kind != ActivityKind.Server || (parent.SpanId != default && !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) ? Verdict(false)
            : _share.ShouldSample(samplingParameters);
    }

    private static SamplingResult Verdict(bool traced) => new(traced ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
