using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OpenTelemetry.Trace;

namespace Edge.Observability.Export;

/// <summary>
/// Which requests are traced: a share of them, chosen by the trace's number, so that all requests of one trace are chosen
/// alike. Whoever calls may leave his own out, and cannot make Edge trace more than its share: the numbers that callers give are
/// looked at under a key of this process. What Edge itself asks of others is traced as a part of a request only.
/// </summary>
internal sealed class RequestSampler(double share) : Sampler
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly TraceIdRatioBasedSampler _share = new(share);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isPart = parent.SpanId != default && !parent.IsRemote;
        return isPart ? Verdict(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            : samplingParameters.Kind != ActivityKind.Server || (parent.SpanId != default && !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) ? Verdict(false)
            : parent.SpanId == default ? _share.ShouldSample(samplingParameters)
            : Verdict(Part(parent.TraceId) < share);
    }

    // From 0 up to 1. The sampler for a share of all takes the first bytes of the number as they are, and those are the caller's choice.
    private double Part(ActivityTraceId trace)
    {
        Span<byte> digest = stackalloc byte[32];
        HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(trace.ToHexString()), digest);
        return BitConverter.ToUInt32(digest) / (uint.MaxValue + 1.0);
    }

    private static SamplingResult Verdict(bool traced) => new(traced ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
