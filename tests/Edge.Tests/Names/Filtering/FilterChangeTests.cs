using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Names.Filtering;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Names.Filtering;

/// <summary>Settings that change at the worst moment: while the rules of the last ones are read.</summary>
public sealed class FilterChangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_changes_while_rules_are_read_is_taken_at_the_next_look()
    {
        var time = new InterruptingTime();
        await using var filter = new FilterManager(Options("block: a.example"), Path.Combine(_folder.Path, "data"), ListDownload.Create((_, _) => Task.FromResult<IPAddress[]>([]), time), time, new LogLines());
        time.Meanwhile = () => filter.Use(Options("block: b.example"));

        // Reading begins with a look at the clock, with the old settings in hand.
        await filter.UpdateAsync(null, acceptShrunk: false, TestContext.Current.CancellationToken);
        Assert.Null(time.Meanwhile);
        Assert.Equal((true, false), (Blocks(filter, "a.example"), Blocks(filter, "b.example")));
        await filter.UpdateAsync(null, acceptShrunk: false, TestContext.Current.CancellationToken);
        Assert.Equal((false, true), (Blocks(filter, "a.example"), Blocks(filter, "b.example")));
    }

    private FilterOptions Options(string yaml) => FilterOptionsTests.Read(yaml, _folder.Path).Filter;

    private static bool Blocks(FilterManager filter, string name) =>
        filter.Policy.Judge(Name.Parse(name).Wire, RecordType.A, IPAddress.Parse("192.168.1.20").MapToIPv6().GetAddressBytes()).Kind == VerdictKind.Blocked;

    private sealed class InterruptingTime : FakeTimeProvider
    {
        private Action? _meanwhile;

        public Action? Meanwhile
        {
            get => _meanwhile;
            set => _meanwhile = value;
        }

        public override long GetTimestamp()
        {
            Interlocked.Exchange(ref _meanwhile, null)?.Invoke();
            return base.GetTimestamp();
        }
    }
}
