// SPDX-License-Identifier: Apache-2.0
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The compression client without the deadlock and with one thread: a channel that does not block, and a selector that
 * tells whether it can be written to or read from.
 *
 * <pre>java GzipClientSelector HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]</pre>
 */
public class GzipClientSelector {
	public static void main(String[] args) throws Exception {
		try (Selector selector = Selector.open(); SocketChannel channel = SocketChannel.open();
		     FileChannel file = FileChannel.open(Path.of(args[2]));
		     FileChannel result = FileChannel.open(Path.of(args[3]), StandardOpenOption.CREATE, StandardOpenOption.WRITE,
		                                           StandardOpenOption.TRUNCATE_EXISTING)) {
			if (args.length > 4)
				channel.setOption(StandardSocketOptions.SO_SNDBUF, Integer.parseInt(args[4]));
			if (args.length > 5)
				channel.setOption(StandardSocketOptions.SO_RCVBUF, Integer.parseInt(args[5]));
			channel.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
			channel.configureBlocking(false);
			exchange(channel.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE), file, result);
		}
		GzipClient.show('\n');
	}

	private static void exchange(SelectionKey key, FileChannel file, FileChannel result) throws Exception {
		ByteBuffer out = ByteBuffer.allocate(GzipClient.PIECE).limit(0);
		ByteBuffer in = ByteBuffer.allocate(GzipClient.PIECE);

		do {
			key.selector().select();
			key.selector().selectedKeys().clear();
			if (key.isWritable())
				send(key, file, out);
		} while (!key.isReadable() || receive((SocketChannel) key.channel(), in, result));
	}

	/** Writes what goes; at the end of the file it ends the stream. */
	private static void send(SelectionKey key, FileChannel file, ByteBuffer out) throws Exception {
		SocketChannel channel = (SocketChannel) key.channel();

		if (!out.hasRemaining()) {
			int n = file.read(out.clear());
			out.flip();
			if (n == -1) {
				channel.shutdownOutput();
				key.interestOps(SelectionKey.OP_READ);
				return;
			}
		}
		if (channel.write(out) > 0)
			GzipClient.show('W');
	}

	/** Reads what there is; false at the end of the stream. */
	private static boolean receive(SocketChannel channel, ByteBuffer in, FileChannel result) throws Exception {
		int n = channel.read(in.clear());

		for (in.flip(); in.hasRemaining();)
			result.write(in);
		if (n > 0)
			GzipClient.show('R');
		return n != -1;
	}
}
