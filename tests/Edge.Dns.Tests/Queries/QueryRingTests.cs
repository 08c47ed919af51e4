using System.Buffers.Binary;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Queries;

/// <summary>The rings: those who write never wait, and those who read see whole entries or none.</summary>
public sealed class QueryRingTests
{
    private readonly QuerySources _sources = new();

    [Fact]
    public void What_is_written_round_is_lost_and_counted()
    {
        var ring = new QueryRing(_sources, TimeProvider.System) { Slots = new QuerySlots() };
        var reader = new RingReader(() => ring.Slots);
        var seen = new List<UInt128>();
        Write(ring, 0, 10);
        Assert.Equal(10, reader.Read((ref QuerySlot slot) => seen.Add(slot.Client)));
        Write(ring, 10, 3 * QuerySlots.Count);
        Assert.Equal(3 * QuerySlots.Count, reader.Read((ref QuerySlot slot) => seen.Add(slot.Client)));
        Assert.Equal(10 + QuerySlots.Count, seen.Count);
        Assert.Equal(2 * QuerySlots.Count, reader.Missed);
        Assert.Equal((UInt128)(10 + (3 * QuerySlots.Count) - 1), seen[^1]);
        Assert.Equal(0, reader.Read((ref QuerySlot _) => Assert.Fail("nothing is new")));
    }

    [Fact]
    public void Nothing_is_seen_before_the_batch_is_answered_and_its_time_is_that_of_the_batch()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var ring = new QueryRing(_sources, time) { Slots = new QuerySlots() };
        var reader = new RingReader(() => ring.Slots);
        ring.Begin();
        ring.Write(Query(1), default, 1, 0, new QueryNotes());
        time.Advance(TimeSpan.FromMicroseconds(30));
        ring.Write(Query(2), default, 2, 0, new QueryNotes());
        Assert.Equal(0, reader.Read((ref QuerySlot _) => Assert.Fail("not answered yet")));
        ring.End();
        Assert.Equal(2, reader.Read((ref QuerySlot slot) => Assert.Equal(30u, slot.Latency)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Writers_and_a_reader_at_once_find_no_torn_entry(bool shared)
    {
        var own = new QueryRing(_sources, TimeProvider.System) { Slots = new QuerySlots() };
        var common = new SharedQueryRing(_sources, TimeProvider.System) { Slots = new QuerySlots() };
        var reader = new RingReader(() => shared ? common.Slots : own.Slots);
        const int Entries = 400_000;
        var writers = Enumerable.Range(0, shared ? 3 : 1).Select(writer => Task.Run(() =>
        {
            var notes = new QueryNotes();
            for (var i = 0; i < Entries; i++)
            {
                var key = ((uint)writer << 24) | (uint)i;
                if (shared)
                {
                    common.Write(common.Begin(), Query(key), Answer(key), Mark(key), (byte)(key % 5), notes);
                }
                else
                {
                    own.Begin();
                    own.Write(Query(key), Answer(key), Mark(key), (byte)(key % 5), notes);
                    own.End();
                }
            }
        })).ToArray();
        var whole = 0L;
        var taken = 0L;
        do
        {
            taken += reader.Read((ref QuerySlot slot) => whole += IsWhole(ref slot) ? 1 : 0);
        }
        while (!Task.WhenAll(writers).IsCompleted);

        await Task.WhenAll(writers);
        for (var left = 0; left < 10; left++)
        {
            taken += reader.Read((ref QuerySlot slot) => whole += IsWhole(ref slot) ? 1 : 0);
        }

        Assert.Equal(writers.Length * Entries, taken);
        Assert.Equal(taken - reader.Missed, whole);
        Assert.True(whole > 1000, $"{whole} of {taken} were seen whole");
        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} seen, {reader.Missed} missed");
    }

    [Fact]
    public void An_exchanged_memory_is_read_to_its_end_and_wiped()
    {
        var ring = new QueryRing(_sources, TimeProvider.System) { Slots = new QuerySlots() };
        var reader = new RingReader(() => ring.Slots);
        var old = ring.Slots!;
        ring.Begin();
        ring.Write(Query(1), default, 1, 0, new QueryNotes());
        reader.Read((ref QuerySlot _) => { });
        ring.Slots = new QuerySlots();
        ring.End();
        Write(ring, 2, 1);
        Assert.Equal(2, reader.Read((ref QuerySlot _) => { }));
        Assert.False(old.TryRead(0, out var slot));
        Assert.Equal((0L, 0), (slot.Time, slot.NameLength));
    }

    [Fact]
    public void Queries_that_are_recorded_allocate_nothing()
    {
        var server = new RecordedServer();
        var remembered = server.Processor.Remembered;
        var recorder = server.Processor.NewRecorder();
        byte[][] queries =
        [
            TestNameserver.Query("web.example.com.", "A", new Edns(1232)),
            TestNameserver.Query("gone.example.com.", "A"),
            TestNameserver.Query("www.elsewhere.org.", "A"),
            TestNameserver.Query(new string('x', 63) + "." + new string('y', 63) + ".example.com.", "A"),
            [1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0],
            [1],
        ];
        var answer = new byte[Message.MaxLength];
        var context = RecordedServer.ContextOf("192.168.1.20");
        var client = default(KnownClient);
        void Ask()
        {
            remembered.Renew(recorder);
            foreach (var query in queries)
            {
                remembered.Process(remembered.Anticipate(query), query, context, ref client, recorder, answer, out _);
            }

            recorder.End();
            foreach (var query in queries)
            {
                server.Processor.Process(query, context, answer, out _);
            }
        }

        for (var i = 0; i < 1000; i++)
        {
            Ask();
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Ask();
            }
        }));
        Assert.Equal(["-", "gone.example.com", "web.example.com", "www.elsewhere.org", "..." + new string('y', 63) + ".example.com"],
            server.Log.Find(new QueryFilter { Limit = 1000 }).Select(query => query.Name.Length == 0 ? "-" : query.Name).Distinct().OrderBy(name => name.Replace("...", "z", StringComparison.Ordinal), StringComparer.Ordinal));
    }

    [Fact]
    public void The_head_of_a_slot_is_as_long_as_is_said() => Assert.Equal(QuerySlot.HeadLength, HeadLength());

    private static unsafe int HeadLength()
    {
        QuerySlot slot = default;
        return (int)(slot.Tail - (byte*)&slot);
    }

    private static void Write(QueryRing ring, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            ring.Begin();
            ring.Write(Query((uint)i), default, (UInt128)i, 0, new QueryNotes());
            ring.End();
        }
    }

    private static UInt128 Mark(uint key) => new(~(ulong)key, key);

    private static byte[] Query(uint key)
    {
        byte[] query = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 20, .. new byte[20], 0, (byte)(key >> 8), (byte)key, 0, 1];
        for (var i = 0; i < 5; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(query.AsSpan(13 + (4 * i)), key);
        }

        return query;
    }

    private static byte[] Answer(uint key)
    {
        byte[] answer = [.. Query(key), .. new byte[64]];
        for (var i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(38 + (4 * i)), ~key);
        }

        return answer;
    }

    private static bool IsWhole(ref QuerySlot slot)
    {
        var key = (uint)slot.Client;
        Assert.Equal(Mark(key), slot.Client);
        Assert.Equal(((ushort)key, (byte)(key % 5), 22, 64), (slot.Type, slot.Transport, slot.NameLength, slot.AnswerLength));
        Assert.True(QueryAnswer.Name(ref slot).SequenceEqual(Query(key).AsSpan(12, 22)));
        unsafe
        {
            fixed (byte* tail = slot.Tail)
            {
                Assert.True(new ReadOnlySpan<byte>(tail + 22, 64).SequenceEqual(Answer(key).AsSpan(38)));
            }
        }

        return true;
    }
}
