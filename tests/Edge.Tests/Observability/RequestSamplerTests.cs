using System.Diagnostics;
using Edge.Observability.Export;
using OpenTelemetry.Trace;
using Xunit;

namespace Edge.Tests.Observability;

/// <summary>Which requests are traced.</summary>
public sealed class RequestSamplerTests
{
    private const int Many = 2000;

    [Theory]
    [InlineData("0000000000000000")]
    [InlineData("0000000000000001")]
    public void Whoever_chooses_the_numbers_of_their_traces_does_not_choose_how_many_are_traced(string chosen)
    {
        var sampler = new RequestSampler(0.1);
        var traced = Enumerable.Range(1, Many).Count(i => IsTraced(sampler, ActivityTraceId.CreateFromString($"{chosen}{i:x16}"), ActivityTraceFlags.Recorded));
        Assert.InRange(traced, Many / 20, Many / 5);
    }

    [Fact]
    public void The_requests_of_one_trace_are_chosen_alike_and_who_wants_to_be_left_out_is()
    {
        var sampler = new RequestSampler(0.5);
        foreach (var trace in Enumerable.Range(0, 100).Select(_ => ActivityTraceId.CreateRandom()))
        {
            Assert.Single(Enumerable.Range(0, 5).Select(_ => IsTraced(sampler, trace, ActivityTraceFlags.Recorded)).Distinct());
            Assert.False(IsTraced(sampler, trace, ActivityTraceFlags.None));
        }
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(1.0, true)]
    public void None_is_none_and_all_is_all(double share, bool traced)
    {
        var sampler = new RequestSampler(share);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(traced, IsTraced(sampler, ActivityTraceId.CreateRandom(), ActivityTraceFlags.Recorded)));
    }

    private static bool IsTraced(RequestSampler sampler, ActivityTraceId trace, ActivityTraceFlags flags)
    {
        var parent = new ActivityContext(trace, ActivitySpanId.CreateRandom(), flags, isRemote: true);
        return sampler.ShouldSample(new SamplingParameters(parent, trace, "request", ActivityKind.Server)).Decision == SamplingDecision.RecordAndSample;
    }
}
