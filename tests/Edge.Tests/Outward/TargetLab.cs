using System.Collections.Immutable;
using System.Net;
using Edge.Outward;
using Edge.Settings;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Outward;

/// <summary>One name of <c>outward</c> with a clock to turn, a file with its secret, and the address of this box in the test's hand.</summary>
internal sealed class TargetLab : IAsyncDisposable
{
    public const string Secret = "the-secret-of-the-test";

    public const string Box = "00112233445566778899aabbccddeeff";

    /// <summary>What the mark of the box says.</summary>
    public const string Mark = $"heritage=edge,box={Box},owner=nas.example.com";

    /// <summary>What it said before boxes had ids.</summary>
    public const string Former = "heritage=edge,owner=nas.example.com";

    /// <summary>The mark of another box that has the same name, as boxes have that nobody gave one.</summary>
    public const string Others = "heritage=edge,box=ffeeddccbbaa99887766554433221100,owner=nas.example.com";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-outward-");
    private readonly KnownAddresses _known;

    public TargetLab(string yaml, IOutwardWay way, string secret = Secret)
    {
        (Store, Way) = (new MemoryStore(Time, NullLogger<MemoryStore>.Instance), way);
        File.WriteAllText(SecretFile, secret + "\n");
        var problems = new ProblemList();
        Name = EdgeOptionsFile.Parse($"outward:\n  {yaml}\n", "edge.yaml", problems, _folder.FullName).Outward.Single();
        Assert.Empty(problems.All);
        Setup = new OutwardSetup
        {
            Store = Store, Addresses = () => Addresses, Resolve = (_, _) => Task.FromResult(Resolved), Owner = "nas.example.com", UserAgent = "Edge", Time = new SetClock(this), Log = Log,
        };
        _known = new KnownAddresses(Setup.Addresses, Setup.Time);
        Target = Open(null);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));

    /// <summary>How far somebody has set the time of day, which moves nothing else.</summary>
    public TimeSpan SetBy { get; set; }

    public MemoryStore Store { get; }

    public IOutwardWay Way { get; }

    public LogLines Log { get; } = new();

    public OutwardName Name { get; set; }

    public OutwardSetup Setup { get; }

    public OutwardTarget Target { get; set; }

    public string SecretFile => Path.Combine(_folder.FullName, "secret");

    public ImmutableArray<IPAddress> Addresses { get; set; } = [IPAddress.Parse("198.51.100.7")];

    /// <summary>What DNS says of the name.</summary>
    public ImmutableArray<IPAddress>? Resolved { get; set; }

    /// <summary>The same name, as another process would begin with it, or after a change of the settings.</summary>
    public OutwardTarget Open(PushState? state) => new(Setup, _known, Name, Way, new PushSchedule(() => 0.5), state);

    public Task LookAsync(bool isAsked = false)
    {
        _known.Look();
        return Target.LookAsync(isAsked, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Delete(recursive: true);
        Assert.DoesNotContain(Log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    private sealed class SetClock(TargetLab lab) : TimeProvider
    {
        public override long TimestampFrequency => lab.Time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => lab.Time.GetUtcNow() + lab.SetBy;

        public override long GetTimestamp() => lab.Time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => lab.Time.CreateTimer(callback, state, dueTime, period);
    }
}
