using Edge.Names;
using Edge.Services;

namespace Edge.Tests.Names;

/// <summary>However services come and go, the first by name are the same as if all were put in order.</summary>
public sealed class FirstServicesTests
{
    private const int Most = 5;

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 8)]
    [InlineData(3, 30)]
    [InlineData(4, 300)]
    public void They_are_those_of_all_in_order(int seed, int names)
    {
        var random = new Random(seed);
        var (set, first) = (ServiceSet.Empty, new FirstServices(Most));
        for (var step = 1; step <= 2000; step++)
        {
            // Times in which most come, and times in which most go.
            var goes = step / 200 % 2;
            var changes = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"s{random.Next(names)}").Distinct()
                .Select(name => (name, random.Next(3) < 1 + goes ? null : (Service?)Of(name, random.Next(3)))).ToArray();
            set = set.With(step, changes, []);
            if (random.Next(4) > 0)
            {
                Assert.Equal(set.Services.Take(Most), first.Of(set));
            }
        }
    }

    private static Service Of(string name, int to) => new() { Name = name, Hosts = [$"{name}.example.com"], To = [new Uri($"http://10.0.0.{to}")], Source = SourceKind.File, Where = "a test" };
}
