using Edge.Services;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Several readers in the place of one.</summary>
public sealed class ServiceReadersTests
{
    [Fact]
    public void One_that_throws_costs_the_others_nothing_and_is_told()
    {
        var (first, last) = (new Reader(false), new Reader(false));
        var set = new ServiceSet(1, [], []);
        var told = Assert.Throws<AggregateException>(() => new ServiceReaders(first, new Reader(true), last).Apply(set));
        Assert.Equal("no", Assert.Single(told.InnerExceptions).Message);
        Assert.Same(set, first.Taken);
        Assert.Same(set, last.Taken);
    }

    private sealed class Reader(bool throws) : IServiceReader
    {
        public ServiceSet? Taken { get; private set; }

        public void Apply(ServiceSet services) => Taken = throws ? throw new InvalidOperationException("no") : services;
    }
}
