// SPDX-License-Identifier: Apache-2.0
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Random;

/** Sends and receives at once with one thread: a non-blocking channel and a selector. */
public class SelectorEchoClient {
	public static void main(String[] args) throws Exception {
		int total = args.length > 2 ? Integer.parseInt(args[2]) : 1 << 20;
		byte[] bytes = new byte[total];
		new Random(2).nextBytes(bytes);
		ByteBuffer out = ByteBuffer.wrap(bytes);
		ByteBuffer in = ByteBuffer.allocate(total);

		try (Selector selector = Selector.open(); SocketChannel channel = SocketChannel.open()) {
			channel.configureBlocking(false);
			if (!channel.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1]))))
				channel.register(selector, SelectionKey.OP_CONNECT);
			while (!channel.isConnected()) {
				selector.select(30000);
				selector.selectedKeys().clear();
				channel.finishConnect();
			}
			SelectionKey key = channel.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
			while (in.hasRemaining()) {
				if (selector.select(30000) == 0)
					throw new IllegalStateException("nothing for 30 s after " + in.position() + " bytes");
				selector.selectedKeys().clear();
				if (key.isWritable()) {
					channel.write(out);
					if (!out.hasRemaining()) {
						key.interestOps(SelectionKey.OP_READ);
						channel.shutdownOutput();
					}
				}
				if (key.isReadable() && channel.read(in) == -1)
					throw new IllegalStateException("closed after " + in.position() + " bytes");
			}
			if (!java.util.Arrays.equals(bytes, in.array()))
				throw new IllegalStateException("not what was sent");
			System.out.println("echo is right: " + channel.getLocalAddress() + " " + channel.getRemoteAddress());
		}
	}
}
