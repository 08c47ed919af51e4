using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Dns.Listeners;

/// <summary>
/// A blocking loop over recvmmsg and sendmmsg: up to 32 queries cost two system calls. All buffers lie in native
/// memory and are wired up once.
/// </summary>
internal sealed unsafe class LinuxDatagramLoop : IDatagramLoop, IDisposable
{
    private const int Batch = 32;

    // Longer queries are cut and thus malformed. Answers are at most 1232 bytes.
    private const int BufferSize = 2048;
    private const int AddressSize = 32;
    private const int ControlSize = 64;

    private readonly Socket _socket;
    private readonly int _handle;
    private readonly ClientAddress _bound;
    private readonly RememberedAnswers _answering;
    private readonly QueryRecorder _recorder;
    private readonly ulong[] _keys = new ulong[Batch];
    private readonly Func<DeferredDatagram, bool> _defer;
    private readonly byte* _memory;
    private readonly LinuxMessages.MessageVector* _received;
    private readonly LinuxMessages.MessageVector* _answers;
    private KnownClient _client;
    private volatile bool _stopping;

    public LinuxDatagramLoop(Socket socket, QueryProcessor processor, Func<DeferredDatagram, bool> defer)
    {
        _socket = socket;
        _handle = (int)socket.Handle;
        _bound = ClientAddress.From(((IPEndPoint)socket.LocalEndPoint!).Address);
        _answering = processor.Remembered;
        _recorder = processor.NewRecorder();
        _defer = defer;

        var vectors = Batch * sizeof(LinuxMessages.MessageVector);
        var buffers = Batch * sizeof(LinuxMessages.Buffer);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)((2 * (vectors + buffers + (Batch * BufferSize))) + (Batch * (AddressSize + ControlSize))));
        _received = (LinuxMessages.MessageVector*)_memory;
        _answers = (LinuxMessages.MessageVector*)(_memory + vectors);
        var buffer = (LinuxMessages.Buffer*)(_memory + (2 * vectors));
        var bytes = _memory + (2 * (vectors + buffers));
        var addresses = bytes + (2 * Batch * BufferSize);
        var controls = addresses + (Batch * AddressSize);
        for (var i = 0; i < Batch; i++)
        {
            buffer[i] = new LinuxMessages.Buffer { Start = bytes + (i * BufferSize), Length = BufferSize };
            buffer[Batch + i] = new LinuxMessages.Buffer { Start = bytes + ((Batch + i) * BufferSize), Length = BufferSize };
            _received[i] = new LinuxMessages.MessageVector
            {
                Address = addresses + (i * AddressSize), Buffers = &buffer[i], BufferCount = 1, Control = controls + (i * ControlSize),
            };
            _answers[i] = new LinuxMessages.MessageVector { Buffers = &buffer[Batch + i], BufferCount = 1 };
        }
    }

    public void Run()
    {
        for (var i = 0; i < Batch; i++)
        {
            Reset(i);
        }

        while (!_stopping)
        {
            var count = LinuxMessages.Receive(_handle, _received, Batch, LinuxMessages.WaitForOne, null);
            if (count < 0 && Marshal.GetLastPInvokeError() != LinuxMessages.Interrupted)
            {
                // Out of memory, for example: it passes, and must not burn a core until then.
                Thread.Sleep(1);
            }

            _answering.Renew(_recorder);
            for (var i = 0; i < count; i++)
            {
                _keys[i] = _answering.Anticipate(Query(i));
            }

            var ready = 0;
            for (var i = 0; i < count; i++)
            {
                ready += Answer(i, ready) ? 1 : 0;
            }

            SendAll(ready);
            _recorder.End();
            for (var i = 0; i < count; i++)
            {
                Reset(i);
            }
        }
    }

    public void Send(DeferredDatagram datagram, ReadOnlySpan<byte> answer)
    {
        fixed (byte* sender = datagram.Sender, control = datagram.Control, bytes = answer)
        {
            var buffer = new LinuxMessages.Buffer { Start = bytes, Length = (nuint)answer.Length };
            var message = new LinuxMessages.MessageVector
            {
                Address = sender,
                AddressLength = (uint)datagram.Sender.Length,
                Buffers = &buffer,
                BufferCount = 1,
                Control = control,
                ControlLength = (nuint)datagram.Control.Length,
            };
            if (!_stopping)
            {
                LinuxMessages.Send(_handle, &message, 1, 0);
            }
        }
    }

    public void Stop()
    {
        _stopping = true;
        try
        {
            // Not connected, so it fails; a blocked receive wakes up all the same.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>Only after <see cref="Run"/> has returned.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_memory);
    }

    private bool Answer(int place, int ready)
    {
        ref var received = ref _received[place];
        ref var answer = ref _answers[ready];
        var query = Query(place);
        var context = new QueryContext(Client(received.Address), Transport.Udp, Server(received));
        var room = new Span<byte>(answer.Buffers->Start, BufferSize);
        var outcome = _answering.Process(_keys[place], query, context, ref _client, _recorder, room, out var length);
        if (outcome == QueryOutcome.Dropped)
        {
            return false;
        }

        AimAtSender(ref received);
        if (outcome == QueryOutcome.Deferred)
        {
            var sender = new ReadOnlySpan<byte>(received.Address, (int)received.AddressLength);
            var control = new ReadOnlySpan<byte>(received.Control, (int)received.ControlLength);
            if (!_defer(new DeferredDatagram(query.ToArray(), context with { Arrived = _recorder.Started }, this, sender.ToArray(), control.ToArray())))
            {
                _recorder.WriteDropped(query, context);
            }

            return false;
        }

        answer.Buffers->Length = (nuint)length;
        answer.Address = received.Address;
        answer.AddressLength = received.AddressLength;
        answer.Control = received.Control;
        answer.ControlLength = received.ControlLength;
        return true;
    }

    private ReadOnlySpan<byte> Query(int place) => new(_received[place].Buffers->Start, (int)_received[place].Length);

    private void SendAll(int ready)
    {
        for (var sent = 0; sent < ready;)
        {
            var count = LinuxMessages.Send(_handle, _answers + sent, (uint)(ready - sent), 0);
            if (count < 0 && Marshal.GetLastPInvokeError() == LinuxMessages.Interrupted)
            {
                continue;
            }

            // A datagram that cannot be sent is lost like any other; those behind it are not.
            sent += Math.Max(1, count);
        }
    }

    private void Reset(int place)
    {
        _received[place].AddressLength = AddressSize;
        _received[place].ControlLength = ControlSize;
    }

    private static ClientAddress Client(byte* address) => *(ushort*)address == 2
        ? ClientAddress.FromBytes(new ReadOnlySpan<byte>(address + 4, 4))
        : ClientAddress.FromBytes(new ReadOnlySpan<byte>(address + 8, 16));

    // struct in_pktinfo ends with the address asked, struct in6_pktinfo begins with it (ip(7), ipv6(7)).
    private ClientAddress Server(in LinuxMessages.MessageVector received)
    {
        const int Data = 16;
        if (received.ControlLength < Data + 12)
        {
            return _bound;
        }

        return *(int*)(received.Control + 8) == 0
            ? ClientAddress.FromBytes(new ReadOnlySpan<byte>(received.Control + Data + 8, 4))
            : ClientAddress.FromBytes(new ReadOnlySpan<byte>(received.Control + Data, 16));
    }

    // The control message received says which address was asked, in the very form that sets it as the answer's
    // source (ip(7), ipv6(7)). The interface is left to the routing table, save for link-local addresses.
    private static void AimAtSender(ref LinuxMessages.MessageVector received)
    {
        const int Data = 16;
        if (received.ControlLength < Data + 12)
        {
            received.ControlLength = 0;
            return;
        }

        var data = received.Control + Data;
        if (*(int*)(received.Control + 8) == 0)
        {
            *(int*)data = 0;
        }
        else if (data[0] != 0xFE || (data[1] & 0xC0) != 0x80)
        {
            *(int*)(data + 16) = 0;
        }
    }
}
