using System.IO.Pipelines;
using System.Net.Sockets;

namespace Postmaster.Web.Features.Milter;

/// <summary>
/// Has the system acknowledge at once what came over TCP. A mail server sends one small write after another and waits for no reply; its system (RFC 896) holds
/// a small segment back until the one before is acknowledged, and ours delays acknowledgements for want of a reply to put them on (RFC 1122 §4.2.3.2):
/// together 40 ms for each mail. Linux has an option against it, which has to be set again after each read.
/// </summary>
internal sealed class PromptAcknowledgement : IDuplexPipe
{
    private PromptAcknowledgement(IDuplexPipe inner, Socket socket) => (Input, Output) = (new Reader(inner.Input, socket), inner.Output);

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>The pipe itself where there is nothing to hasten: a Unix socket, or another system.</summary>
    public static IDuplexPipe Over(IDuplexPipe pipe, Socket? socket) =>
        OperatingSystem.IsLinux() && socket is { ProtocolType: ProtocolType.Tcp } ? new PromptAcknowledgement(pipe, socket) : pipe;

    private sealed class Reader(PipeReader inner, Socket socket) : PipeReader
    {
        /// <summary>IPPROTO_TCP and TCP_QUICKACK of linux/tcp.h.</summary>
        private const int TcpLevel = 6, QuickAcknowledgement = 12;

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Acknowledge();
            return inner.ReadAsync(cancellationToken);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private void Acknowledge()
        {
            try
            {
                socket.SetRawSocketOption(TcpLevel, QuickAcknowledgement, [1, 0, 0, 0]);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The read will say so.
            }
        }
    }
}
